#include "tests/fuzz/manifest_writer.h"

#include <boost/json.hpp>
#include <set>

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

json::object SomeLabels(const std::vector<std::string>& keys, Dice& dice) {
  json::object labels;
  for (const std::string& key : keys) {
    if (dice.Chance(65)) labels[key] = dice.OneOf(kLabelValues);
  }
  return labels;
}

json::object MetadataOf(const store::ObjectKey& key, json::object labels) {
  json::object metadata = {{"name", key.name}};
  if (!key.ns.empty()) metadata["namespace"] = key.ns;
  if (!labels.empty()) metadata["labels"] = std::move(labels);
  return metadata;
}

// The names are unique within a container, as the apiserver wants it; two containers of one pod may
// give one name to two numbers.
json::array SomeContainerPorts(const World& world, Dice& dice) {
  json::array ports;
  std::set<std::string> taken;
  for (uint32_t count = dice.Below(4); count > 0; --count) {
    json::object port = {{"containerPort", dice.OneOf(kPortNumbers)}};
    const std::string& name = dice.OneOf(kPortNames);
    if (world.features.named_ports && dice.Chance(80) && taken.insert(name).second) {
      port["name"] = name;
    }
    if (dice.Chance(60)) port["protocol"] = SomeProtocol(world, dice);
    ports.push_back(std::move(port));
  }
  return ports;
}

json::object SomeContainer(const std::string& name, const World& world, Dice& dice) {
  json::object container = {{"name", name}};
  if (json::array ports = SomeContainerPorts(world, dice); !ports.empty()) {
    container["ports"] = std::move(ports);
  }
  return container;
}

json::object SomeSpec(const World& world, Dice& dice) {
  json::array containers = {SomeContainer("main", world, dice)};
  if (dice.Chance(30)) containers.push_back(SomeContainer("second", world, dice));
  json::object spec = {{"containers", std::move(containers)}};
  if (dice.Chance(6)) spec["hostNetwork"] = true;
  if (dice.Chance(25)) {
    json::object init = SomeContainer("init", world, dice);
    if (dice.Chance(50)) init["restartPolicy"] = "Always";
    spec["initContainers"] = json::array{std::move(init)};
  }
  return spec;
}

json::object SomeStatus(const World& world, Dice& dice) {
  json::object status;
  status["phase"] =
      dice.Chance(85) ? "Running" : dice.OneOf({"Succeeded", "Failed", "Pending", "Unknown"});
  const std::vector<IpAddress> ips = SomeAddresses(world, dice);
  if (ips.empty() || dice.Chance(10)) return status;
  status["podIP"] = ips.front().ToString();
  json::array list;
  for (const IpAddress& ip : ips) list.push_back(json::object{{"ip", ip.ToString()}});
  if (ips.size() > 1 || dice.Chance(50)) status["podIPs"] = std::move(list);
  return status;
}

json::object SomeExpression(const std::vector<std::string>& keys, const World& world, Dice& dice) {
  json::object expression = {{"key", dice.OneOf(keys)}};
  const bool with_values = dice.Chance(60);
  expression["operator"] =
      with_values ? dice.OneOf({"In", "NotIn"}) : dice.OneOf({"Exists", "DoesNotExist"});
  bool values = with_values;
  if (world.odd() && dice.Chance(4)) values = !values;
  if (world.odd() && dice.Chance(3)) expression["operator"] = "Near";
  if (!values) return expression;
  json::array list;
  for (uint32_t count = 1 + dice.Below(3); count > 0; --count) {
    list.emplace_back(SomeSelectorValue(world, dice));
  }
  expression["values"] = std::move(list);
  return expression;
}

std::string NamespaceValue(const std::string& key, const World& world, Dice& dice) {
  return key == "team" ? SomeSelectorValue(world, dice) : dice.OneOf(kNamespaceNames);
}

}  // namespace

std::string SomeSelectorValue(const World& world, Dice& dice) {
  // Rule 58: old objects hold what is no legal label value.
  if (world.odd() && dice.Chance(8)) return dice.OneOf({"b c", "-x", "x/y"});
  return dice.OneOf(kLabelValues);
}

std::string SomeProtocol(const World& world, Dice& dice) {
  const uint32_t roll = dice.Below(20);
  if (world.features.sctp && roll < 5) return "SCTP";
  return roll < 10 ? "UDP" : "TCP";
}

std::vector<IpAddress> SomeAddresses(const World& world, Dice& dice) {
  std::vector<IpAddress> ips;
  if (world.v6.empty() || dice.Chance(80)) ips.push_back(dice.OneOf(world.v4));
  if (!world.v6.empty() && (ips.empty() || dice.Chance(60))) ips.push_back(dice.OneOf(world.v6));
  if (ips.size() == 2 && dice.Chance(20)) std::swap(ips[0], ips[1]);
  return ips;
}

json::object WriteNamespace(const std::string& name, const World& world, Dice& dice) {
  json::object labels;
  if (dice.Chance(75)) labels["team"] = dice.OneOf(kLabelValues);
  // Rule 18: the apiserver puts the right one over it.
  if (world.odd() && dice.Chance(5)) labels["kubernetes.io/metadata.name"] = "a";
  return {{"apiVersion", "v1"},
          {"kind", "Namespace"},
          {"metadata", MetadataOf({"", name}, std::move(labels))}};
}

json::object WritePod(const store::ObjectKey& key, const World& world, Dice& dice) {
  json::object metadata = MetadataOf(key, SomeLabels(kLabelKeys, dice));
  if (const std::string& uid = dice.OneOf(kUids); !uid.empty()) metadata["uid"] = uid;
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", std::move(metadata)},
          {"spec", SomeSpec(world, dice)},
          {"status", SomeStatus(world, dice)}};
}

void ChangePod(json::object& pod, const World& world, Dice& dice) {
  json::object& metadata = pod["metadata"].as_object();
  switch (dice.Below(5)) {
    case 0:
    case 1:
      metadata["labels"] = SomeLabels(kLabelKeys, dice);
      break;
    case 2:
      pod["status"].as_object()["phase"] =
          dice.OneOf({"Running", "Running", "Succeeded", "Failed", "Pending"});
      break;
    case 3:
      pod["status"] = SomeStatus(world, dice);
      break;
    default:
      pod["spec"] = SomeSpec(world, dice);
  }
}

json::object WriteSelector(SelectorOver of, const World& world, Dice& dice) {
  const bool pods = of == SelectorOver::kPods;
  const std::vector<std::string>& keys = pods ? kLabelKeys : kNamespaceLabelKeys;
  json::object selector;
  json::object labels;
  json::array expressions;
  for (uint32_t count = dice.OneOf({0u, 1u, 1u, 1u, 2u, 3u}); count > 0; --count) {
    if (dice.Chance(40)) {
      const std::string& key = dice.OneOf(keys);
      labels[key] = pods ? SomeSelectorValue(world, dice) : NamespaceValue(key, world, dice);
    } else {
      json::object expression = SomeExpression(keys, world, dice);
      if (expression.at("key") == "kubernetes.io/metadata.name" && expression.contains("values")) {
        expression["values"] =
            json::array{dice.OneOf(kNamespaceNames), dice.OneOf(kNamespaceNames)};
      }
      expressions.push_back(std::move(expression));
    }
  }
  if (!labels.empty() || dice.Chance(5)) selector["matchLabels"] = std::move(labels);
  if (!expressions.empty() || dice.Chance(5)) {
    selector["matchExpressions"] = std::move(expressions);
  }
  return selector;
}

}  // namespace sluice::fuzz
