#include "tests/conformance/truth_table_file.h"

#include <set>

#include "agent/decode/names.h"
#include "ofctl/base/result.h"
#include "tests/conformance/step_actions.h"

namespace sluice::conformance {
namespace {

constexpr char kNoSuchName[] = "the pod has no such named port";

FieldResult<std::map<store::ObjectKey, store::Pod>> ParsePods(const Value& pods,
                                                              const FieldPath& path) {
  std::map<store::ObjectKey, store::Pod> parsed;
  for (rapidjson::SizeType i = 0; i < pods.Size(); ++i) {
    const FieldPath at = path.Index(i);
    SLUICE_ASSIGN_OR_RETURN(store::Pod pod, ParsePod(pods[i], at));
    SLUICE_ASSIGN_OR_RETURN(const std::string text, RequiredString(pods[i], at, "ip"));
    const auto ip = ParseIp(text);
    if (!ip.ok()) return decode::ErrorAt(at.Child("ip"), ip.error().message());
    pod.ips.push_back(*ip);
    const store::ObjectKey key = pod.key;
    if (!parsed.emplace(key, std::move(pod)).second) {
      return decode::ErrorAt(at, key.ToString() + " is there twice");
    }
  }
  return parsed;
}

FieldResult<ClusterState> ParseState(const Value& step, const FieldPath& path) {
  ClusterState state;
  SLUICE_ASSIGN_OR_RETURN(const Value* namespaces, RequiredObject(step, path, "namespaces"));
  SLUICE_ASSIGN_OR_RETURN(const Value* pods, RequiredList(step, path, "pods"));
  SLUICE_ASSIGN_OR_RETURN(const Value* policies, RequiredList(step, path, "policies"));
  const FieldPath namespaces_at = path.Child("namespaces");
  const FieldPath pods_at = path.Child("pods");
  const FieldPath policies_at = path.Child("policies");
  SLUICE_ASSIGN_OR_RETURN(state.namespaces, ParseNamespaces(*namespaces, namespaces_at));
  SLUICE_ASSIGN_OR_RETURN(state.pods, ParsePods(*pods, pods_at));
  SLUICE_ASSIGN_OR_RETURN(state.policies, ParsePolicies(*policies, policies_at));
  return state;
}

// The pods in table order.
FieldResult<std::vector<End>> ParseOrder(const Value& step, const FieldPath& path,
                                         const ClusterState& state) {
  SLUICE_ASSIGN_OR_RETURN(const Value* order, RequiredList(step, path, "order"));
  const FieldPath list = path.Child("order");
  std::vector<End> ends;
  for (rapidjson::SizeType i = 0; i < order->Size(); ++i) {
    const FieldPath at = list.Index(i);
    const Value& item = (*order)[i];
    if (!item.IsString()) return decode::WrongType(at, "a string", item);
    const std::string name(decode::TextOf(item));
    const size_t slash = name.find('/');
    if (slash == std::string::npos) return decode::ErrorAt(at, "is not NAMESPACE/POD");
    const auto pod = state.pods.find({name.substr(0, slash), name.substr(slash + 1)});
    if (pod == state.pods.end()) return decode::ErrorAt(at, "no such pod in this step");
    ends.push_back({name, pod->second.ips.front(), pod->first});
  }
  return ends;
}

std::set<uint16_t> NumbersOf(const store::Pod& pod, std::string_view name,
                             store::Protocol protocol) {
  std::set<uint16_t> numbers;
  for (const store::ContainerPort& port : pod.ports) {
    if (port.name == name && port.protocol == protocol) numbers.insert(port.number);
  }
  return numbers;
}

// One character a destination: what shared/conformance/README.md says of each.
FieldResult<bool> AddCell(char verdict, Cell cell, const FieldPath& path, Table& table) {
  switch (verdict) {
    case '.':
      cell.expected = Expected::kAllowed;
      table.cells.push_back(cell);
      return true;
    case 'X':
      cell.expected = Expected::kDenied;
      table.cells.push_back(cell);
      return true;
    case 'P':
      ++table.left_out[kNoSuchName];
      return true;
    case 'N':
      ++table.left_out["the pod does not serve the port"];
      return true;
    case '-':
    case '?':
      ++table.left_out["not judged by the file"];
      return true;
    default:
      return decode::ErrorAt(path, std::string("no such verdict: ") + verdict);
  }
}

FieldResult<bool> ParseRows(const Value& rows, const FieldPath& path, size_t size, Table& table) {
  if (rows.Size() != size) return decode::ErrorAt(path, "does not have one row a pod");
  for (rapidjson::SizeType source = 0; source < rows.Size(); ++source) {
    const FieldPath at = path.Index(source);
    if (!rows[source].IsString()) return decode::WrongType(at, "a string", rows[source]);
    const std::string_view row = decode::TextOf(rows[source]);
    if (row.size() != size) return decode::ErrorAt(at, "does not have one character a pod");
    for (uint32_t destination = 0; destination < size; ++destination) {
      // A pod's packets to itself never leave it: no policy ever sees them (netpol rule 41).
      if (destination == source) continue;
      const Cell cell{source, destination, Expected::kAllowed};
      SLUICE_RETURN_IF_ERROR(AddCell(row[destination], cell, at, table));
    }
  }
  return true;
}

// A table for a port name is one table for each number that a pod has under the name.
std::vector<Table> ByNumber(const Table& named, std::string_view name, const Step& step) {
  std::map<uint16_t, Table> by_number;
  Table left_out{named.service, named.view, {}, named.left_out};
  for (const Cell& cell : named.cells) {
    const store::Pod& pod = step.state.pods.at(*step.ends[cell.destination].pod);
    const std::set<uint16_t> numbers = NumbersOf(pod, name, named.service.protocol);
    if (numbers.size() != 1) {
      ++left_out.left_out[numbers.empty() ? kNoSuchName : "the port name stands for two numbers"];
      continue;
    }
    const Service service{named.service.protocol, *numbers.begin()};
    const auto table = by_number.try_emplace(service.port, Table{service, named.view, {}, {}});
    table.first->second.cells.push_back(cell);
  }
  std::vector<Table> tables = {std::move(left_out)};
  for (auto& [number, table] : by_number) tables.push_back(std::move(table));
  return tables;
}

// "TCP/80", or "TCP/serve-80-tcp" for whatever number each pod has under the name.
FieldResult<bool> ParseTable(std::string_view key, const Value& views, const FieldPath& path,
                             Step& step) {
  const size_t slash = key.find('/');
  const auto protocol = ParseProtocol(key.substr(0, slash));
  if (slash == std::string_view::npos || !protocol) {
    return decode::ErrorAt(path, "is not PROTOCOL/PORT");
  }
  const std::string_view name = key.substr(slash + 1);
  const auto port = ParsePort(name);
  if (const auto wrong = decode::WrongWithPortName(name); !port && wrong) {
    return decode::ErrorAt(path,
                           "is not PROTOCOL/PORT: the port is no number in 1..65535, and "
                           "as a name it " +
                               *wrong);
  }
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(views, path));
  SLUICE_RETURN_IF_ERROR(HasOnly(*object, path, {"combined", "ingress", "egress"}));
  for (const View view : {View::kCombined, View::kIngress, View::kEgress}) {
    SLUICE_ASSIGN_OR_RETURN(const Value* rows, decode::ListField(*object, path, ToString(view)));
    if (rows == nullptr) continue;
    const FieldPath at = path.Child(ToString(view));
    Table table{{*protocol, port.value_or(0)}, view, {}, {}};
    SLUICE_RETURN_IF_ERROR(ParseRows(*rows, at, step.ends.size(), table));
    std::vector<Table> tables = port ? std::vector{table} : ByNumber(table, name, step);
    step.tables.insert(step.tables.end(), tables.begin(), tables.end());
  }
  return true;
}

FieldResult<Step> ParseStep(const Value& json, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(json, path));
  Step step;
  SLUICE_ASSIGN_OR_RETURN(step.state, ParseState(*object, path));
  SLUICE_ASSIGN_OR_RETURN(step.ends, ParseOrder(*object, path, step.state));
  SLUICE_ASSIGN_OR_RETURN(const Value* expected, RequiredObject(*object, path, "expected"));
  const FieldPath at = path.Child("expected");
  for (const auto& [key, views] : expected->GetObject()) {
    const std::string_view name = decode::TextOf(key);
    SLUICE_RETURN_IF_ERROR(ParseTable(name, views, at.Key(name), step));
  }
  return step;
}

// Fills in the step's actions; `state` goes from before it to after it.
FieldResult<bool> ParseActions(const Value& actions, const FieldPath& path, Step& step,
                               ClusterState& state) {
  for (rapidjson::SizeType i = 0; i < actions.Size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(auto events, ParseAction(actions[i], path.Index(i), state, step.state));
    for (const store::StoreEvent& event : events) state.Apply(event);
    step.actions.push_back(std::move(events));
  }
  return true;
}

FieldResult<std::string> ParseId(const Value& json, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const auto number, decode::IntField(json, path, "id"));
  if (!number) return decode::ErrorAt(path.Child("id"), "is missing");
  return std::to_string(*number);
}

FieldResult<Case> ParseCase(const Value& json, const FieldPath& path) {
  SLUICE_ASSIGN_OR_RETURN(const Value* object, AsObject(json, path));
  Case parsed;
  SLUICE_ASSIGN_OR_RETURN(parsed.id, ParseId(*object, path));
  SLUICE_ASSIGN_OR_RETURN(const Value* steps, RequiredList(*object, path, "steps"));
  const FieldPath list = path.Child("steps");
  ClusterState state;
  for (rapidjson::SizeType i = 0; i < steps->Size(); ++i) {
    const FieldPath at = list.Index(i);
    SLUICE_ASSIGN_OR_RETURN(Step step, ParseStep((*steps)[i], at));
    SLUICE_ASSIGN_OR_RETURN(const Value* actions, RequiredList((*steps)[i], at, "actions"));
    const FieldPath actions_at = at.Child("actions");
    if (i == 0) {
      SLUICE_ASSIGN_OR_RETURN(state, StateBefore(*actions, actions_at, step.state));
      parsed.before = state;
    }
    SLUICE_RETURN_IF_ERROR(ParseActions(*actions, actions_at, step, state));
    if (state != step.state) {
      return decode::ErrorAt(at, "the actions do not lead to the state that the step lists");
    }
    parsed.steps.push_back(std::move(step));
  }
  return parsed;
}

}  // namespace

FieldResult<std::vector<Case>> ParseTruthTables(const Value& document) {
  return ParseCases(document, ParseCase);
}

}  // namespace sluice::conformance
