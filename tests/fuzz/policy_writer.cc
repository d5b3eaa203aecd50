#include "tests/fuzz/policy_writer.h"

#include <boost/json.hpp>

#include "tests/fuzz/block_writer.h"
#include "tests/fuzz/manifest_writer.h"

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

json::object SomePeer(const World& world, Dice& dice) {
  if (world.odd() && dice.Chance(2)) return {};
  json::object peer;
  const uint32_t shape = dice.Below(10);
  if (shape < 4) {
    peer["ipBlock"] = WriteIpBlock(world, dice);
    if (world.odd() && dice.Chance(2)) peer["podSelector"] = json::object{};
    return peer;
  }
  if (shape != 4) peer["podSelector"] = WriteSelector(SelectorOver::kPods, world, dice);
  if (shape < 8) peer["namespaceSelector"] = WriteSelector(SelectorOver::kNamespaces, world, dice);
  return peer;
}

uint16_t SomePortNumber(Dice& dice) {
  if (dice.Chance(85)) return dice.OneOf(kPortNumbers);
  return static_cast<uint16_t>(1 + dice.Below(65535));
}

void AddPortNumber(json::object& port, Dice& dice) {
  const uint16_t first = SomePortNumber(dice);
  port["port"] = first;
  if (!dice.Chance(35)) return;
  const uint16_t last = SomePortNumber(dice);
  port["port"] = std::min(first, last);
  port["endPort"] = std::max(first, last);
}

// Rules 36, 37 and 57: what no apiserver ever let in, and must not open anything.
void Spoil(json::object& port, Dice& dice) {
  switch (dice.Below(6)) {
    case 0:
      port["port"] = 0;
      break;
    case 1:
      port = {{"port", 81}, {"endPort", 80}};
      break;
    case 2:
      port = {{"port", "http"}, {"endPort", 80}};
      break;
    case 3:
      port = {{"endPort", 80}};
      break;
    case 4:
      port["protocol"] = "ICMP";
      break;
    default:
      port["port"] = "80";
  }
}

json::object SomePort(const World& world, Dice& dice) {
  json::object port;
  if (dice.Chance(75)) port["protocol"] = SomeProtocol(world, dice);
  const uint32_t shape = dice.Below(10);
  if (shape < 3 && world.features.named_ports) {
    port["port"] = dice.OneOf(kPortNames);
  } else if (shape < 9) {
    AddPortNumber(port, dice);
  }
  if (world.odd() && dice.Chance(4)) Spoil(port, dice);
  return port;
}

// `count` items; none is missing, or empty.
template <typename Write>
void AddList(json::object& to, const char* name, uint32_t count, Dice& dice, Write write) {
  json::array list;
  for (; count > 0; --count) list.push_back(write());
  if (list.empty() && dice.Chance(60)) return;
  to[name] = std::move(list);
}

json::object SomeRule(const char* peers, const World& world, Dice& dice) {
  json::object rule;
  AddList(rule, peers, dice.OneOf({0u, 0u, 1u, 1u, 2u, 3u}), dice,
          [&] { return SomePeer(world, dice); });
  AddList(rule, "ports", dice.OneOf({0u, 0u, 1u, 1u, 2u, 3u}), dice,
          [&] { return SomePort(world, dice); });
  return rule;
}

void WriteRules(json::object& spec, const char* list, const World& world, Dice& dice) {
  const char* peers = std::string_view(list) == "ingress" ? "from" : "to";
  AddList(spec, list, dice.OneOf({0u, 1u, 1u, 2u, 2u, 3u}), dice,
          [&] { return SomeRule(peers, world, dice); });
}

// Rules 10, 11 and 58.
void WriteTypes(json::object& spec, Dice& dice) {
  spec.erase("policyTypes");
  switch (dice.Below(8)) {
    case 0:
      break;
    case 1:
      spec["policyTypes"] = json::array{};
      break;
    case 2:
    case 3:
      spec["policyTypes"] = {"Ingress"};
      break;
    case 4:
    case 5:
      spec["policyTypes"] = {"Egress"};
      break;
    case 6:
      spec["policyTypes"] = {"Ingress", "Egress"};
      break;
    default:
      spec["policyTypes"] = {"Egress", "Egress"};
  }
}

void WriteSubjects(json::object& spec, const World& world, Dice& dice) {
  spec.erase("podSelector");
  if (dice.Chance(10)) return;
  spec["podSelector"] =
      dice.Chance(35) ? json::object{} : WriteSelector(SelectorOver::kPods, world, dice);
}

using Lists = std::vector<std::pair<std::string, json::array*>>;

void CollectLists(json::value& in, Lists& lists) {
  if (json::array* list = in.if_array()) {
    for (json::value& item : *list) CollectLists(item, lists);
  }
  json::object* object = in.if_object();
  if (object == nullptr) return;
  for (auto& member : *object) {
    json::array* list = member.value().if_array();
    if (list != nullptr && !list->empty()) lists.emplace_back(member.key(), list);
    CollectLists(member.value(), lists);
  }
}

// One item less, or more, of one list: what is nearly the same must not be taken for the same.
void ChangeSomeList(json::value& spec, const World& world, Dice& dice) {
  Lists lists;
  CollectLists(spec, lists);
  std::erase_if(lists, [](const auto& named) { return named.first == "policyTypes"; });
  if (lists.empty()) return;
  const auto& [name, list] = dice.OneOf(lists);
  const auto at = list->begin() + dice.Below(static_cast<uint32_t>(list->size()));
  if (dice.Chance(50) && (list->size() > 1 || name != "values")) {
    list->erase(at);
  } else if (name == "values") {
    list->emplace_back(SomeSelectorValue(world, dice));
  } else {
    list->push_back(json::value(*at));
  }
}

}  // namespace

json::object WritePolicy(const store::ObjectKey& key, const World& world, Dice& dice) {
  json::object spec;
  WriteSubjects(spec, world, dice);
  WriteTypes(spec, dice);
  WriteRules(spec, "ingress", world, dice);
  WriteRules(spec, "egress", world, dice);
  return {{"apiVersion", "networking.k8s.io/v1"},
          {"kind", "NetworkPolicy"},
          {"metadata", {{"name", key.name}, {"namespace", key.ns}}},
          {"spec", std::move(spec)}};
}

void ChangePolicy(json::object& policy, const World& world, Dice& dice) {
  json::object& spec = policy["spec"].as_object();
  const char* list = dice.OneOf({"ingress", "egress"});
  json::value* rules = spec.if_contains(list);
  const bool some = rules != nullptr && !rules->as_array().empty();
  if (dice.Chance(50)) return ChangeSomeList(policy["spec"], world, dice);
  switch (dice.Below(5)) {
    case 0:
      WriteSubjects(spec, world, dice);
      break;
    case 1:
      WriteTypes(spec, dice);
      break;
    case 2:
      if (some) rules->as_array().erase(rules->as_array().begin());
      break;
    case 3:
      if (some) {
        // The very same rule twice: once more by name alone.
        rules->as_array().push_back(json::value(rules->as_array().front()));
        break;
      }
      [[fallthrough]];
    default:
      WriteRules(spec, list, world, dice);
  }
}

}  // namespace sluice::fuzz
