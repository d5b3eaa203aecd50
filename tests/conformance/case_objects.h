// Parts that both file formats are made of.
#pragma once

#include <rapidjson/document.h>

#include <initializer_list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/decode/field_reader.h"
#include "tests/conformance/cluster_case.h"

namespace sluice::conformance {

using decode::FieldPath;
using decode::FieldResult;
using rapidjson::Value;

// A field that has to be there. The value at `path` must be an object.
FieldResult<const Value*> RequiredObject(const Value& object, const FieldPath& path,
                                         std::string_view name);
FieldResult<const Value*> RequiredList(const Value& object, const FieldPath& path,
                                       std::string_view name);
FieldResult<std::string> RequiredString(const Value& object, const FieldPath& path,
                                        std::string_view name);

// `path` itself must be an object.
FieldResult<const Value*> AsObject(const Value& value, const FieldPath& path);

// {cases: [...]}; `parse` takes the value and the path of each.
template <typename Parse>
FieldResult<std::vector<Case>> ParseCases(const Value& document, Parse parse) {
  const FieldPath root;
  SLUICE_ASSIGN_OR_RETURN(const Value* list, RequiredList(document, root, "cases"));
  const FieldPath path = root.Child("cases");
  std::vector<Case> cases;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(Case parsed, parse((*list)[i], path.Index(i)));
    cases.push_back(std::move(parsed));
  }
  return cases;
}

// An error if the object has a field of another name: what it says would be passed over in silence.
FieldResult<bool> HasOnly(const Value& object, const FieldPath& path,
                          std::initializer_list<std::string_view> names);

FieldResult<store::Labels> ParseLabels(const Value& labels, const FieldPath& path);
// With kubernetes.io/metadata.name, which the apiserver would add.
FieldResult<store::Namespace> MakeNamespace(const std::string& name, const Value& labels,
                                            const FieldPath& path);
// {name: labels}
FieldResult<std::map<std::string, store::Namespace>> ParseNamespaces(const Value& namespaces,
                                                                     const FieldPath& path);
// [NetworkPolicy], as an apiserver holds them.
FieldResult<std::map<store::ObjectKey, store::NetworkPolicy>> ParsePolicies(const Value& policies,
                                                                            const FieldPath& path);
FieldResult<store::NetworkPolicy> ParsePolicy(const Value& policy, const FieldPath& path);
// {namespace, name, ip, host_network, labels, ports: [{name, port, protocol}]}, all but the
// address. Running.
FieldResult<store::Pod> ParsePod(const Value& pod, const FieldPath& path);

// "TCP", "UDP", "SCTP"
std::optional<store::Protocol> ParseProtocol(std::string_view text);
// 1..65535 in decimal; absent for anything else.
std::optional<uint16_t> ParsePort(std::string_view text);

}  // namespace sluice::conformance
