#include "tests/oracle/reading.h"

#include <boost/json.hpp>

#include "tests/oracle/reading_fields.h"

namespace sluice::oracle {
namespace {

namespace json = boost::json;
using store::LabelSelector;
using store::Peer;
using store::PolicyPort;
using store::PolicyRule;

// 1.3: "peer {} ... must match nothing". Stands for every peer that cannot be understood.
const Peer kNobody{};
// An empty range. Stands for every port that cannot be understood.
const PolicyPort kNoPort{store::Protocol::kTcp, uint16_t{1}, uint16_t{0}};

// Rule 57: In and NotIn need values, Exists and DoesNotExist take none, there is no other operator.
std::optional<store::Requirement> ReadExpression(const json::object& expression) {
  store::Requirement requirement;
  requirement.key = Text(expression, "key").value_or("");
  requirement.values = Texts(expression, "values");
  const std::string op = Text(expression, "operator").value_or("");
  if (op == "In" || op == "NotIn") {
    if (requirement.values.empty()) return std::nullopt;
    requirement.op = op == "In" ? store::SelectorOperator::kIn : store::SelectorOperator::kNotIn;
    return requirement;
  }
  if (op == "Exists" || op == "DoesNotExist") {
    if (!requirement.values.empty()) return std::nullopt;
    requirement.op =
        op == "Exists" ? store::SelectorOperator::kExists : store::SelectorOperator::kDoesNotExist;
    return requirement;
  }
  return std::nullopt;
}

struct ReadSelector {
  std::vector<store::Requirement> requirements;  // that can be understood
  bool whole = true;
};

// Rule 15: matchLabels entries are requirements like any other.
ReadSelector ReadLabelSelector(const json::object& written) {
  ReadSelector read;
  for (const auto& [key, value] : Labels(written, "matchLabels")) {
    read.requirements.push_back({key, store::SelectorOperator::kIn, {value}});
  }
  for (const json::object* expression : Objects(written, "matchExpressions")) {
    const auto requirement = ReadExpression(*expression);
    if (requirement) {
      read.requirements.push_back(*requirement);
    } else {
      read.whole = false;
    }
  }
  return read;
}

// Rule 28: an unparsable cidr matches nothing; a block whose hole nobody can understand neither,
// for whatever is let through may be what was cut out.
std::optional<store::IpBlock> ReadIpBlock(const json::object& written) {
  const auto cidr = ReadPrefix(Text(written, "cidr").value_or(""));
  if (!cidr) return std::nullopt;
  store::IpBlock block{*cidr, {}};
  for (const std::string& text : Texts(written, "except")) {
    const auto hole = ReadPrefix(text);
    if (!hole) return std::nullopt;
    block.except.push_back(*hole);
  }
  return block;
}

Peer ReadPeer(const json::object& written) {
  Peer peer;
  const json::object* pods = Object(written, "podSelector");
  const json::object* namespaces = Object(written, "namespaceSelector");
  const json::object* block = Object(written, "ipBlock");
  if (block != nullptr) {
    if (pods != nullptr || namespaces != nullptr) return kNobody;  // rule 23
    peer.ip_block = ReadIpBlock(*block);
    return peer.ip_block ? peer : kNobody;
  }
  if (pods != nullptr) {
    const ReadSelector read = ReadLabelSelector(*pods);
    if (!read.whole) return kNobody;  // rule 58: "In matches nothing", at its largest
    peer.pod_selector = read.requirements;
  }
  if (namespaces != nullptr) {
    const ReadSelector read = ReadLabelSelector(*namespaces);
    if (!read.whole) return kNobody;
    peer.namespace_selector = read.requirements;
  }
  return peer;
}

// Rule 12: protocol missing is TCP. Rule 29: there are three.
std::optional<store::Protocol> ReadProtocol(const json::object& written) {
  const std::string text = Text(written, "protocol").value_or("TCP");
  if (text == "TCP") return store::Protocol::kTcp;
  if (text == "UDP") return store::Protocol::kUdp;
  if (text == "SCTP") return store::Protocol::kSctp;
  return std::nullopt;
}

bool IsPortNumber(int64_t number) { return 1 <= number && number <= 65535; }

// Rules 36, 37 and 57.
PolicyPort ReadPolicyPort(const json::object& written) {
  const auto protocol = ReadProtocol(written);
  if (!protocol) return kNoPort;
  PolicyPort port{*protocol, {}, {}};
  const auto end = Number(written, "endPort");
  if (const auto name = Text(written, "port")) {
    if (!IsPortName(*name) || end) return kNoPort;
    port.port = *name;
    return port;
  }
  const auto number = Number(written, "port");
  if (!number) return end ? kNoPort : port;
  if (!IsPortNumber(*number)) return kNoPort;
  port.port = static_cast<uint16_t>(*number);
  if (!end) return port;
  if (!IsPortNumber(*end) || *end < *number) return kNoPort;
  port.end = static_cast<uint16_t>(*end);
  return port;
}

// 1.3: from, to and ports mean everything, missing or empty.
std::vector<PolicyRule> ReadRules(const json::object& spec, const char* list, const char* peers) {
  std::vector<PolicyRule> rules;
  for (const json::object* written : Objects(spec, list)) {
    PolicyRule rule;
    for (const json::object* peer : Objects(*written, peers)) {
      rule.peers.push_back(ReadPeer(*peer));
    }
    for (const json::object* port : Objects(*written, "ports")) {
      rule.ports.push_back(ReadPolicyPort(*port));
    }
    rules.push_back(rule);
  }
  return rules;
}

store::ObjectKey ReadKey(const json::object& manifest) {
  const json::object& meta = *Object(manifest, "metadata");
  return {Text(meta, "namespace").value_or("default"), Text(meta, "name").value_or("")};
}

store::PodPhase ReadPhase(const std::string& text) {
  if (text == "Running") return store::PodPhase::kRunning;
  if (text == "Succeeded") return store::PodPhase::kSucceeded;
  if (text == "Failed") return store::PodPhase::kFailed;
  if (text == "Unknown") return store::PodPhase::kUnknown;
  return store::PodPhase::kPending;
}

void ReadContainerPorts(const json::object& container, store::Pod& pod) {
  for (const json::object* written : Objects(container, "ports")) {
    const auto protocol = ReadProtocol(*written);
    const auto number = Number(*written, "containerPort");
    if (!protocol || !number || !IsPortNumber(*number)) continue;
    pod.ports.push_back(
        {Text(*written, "name").value_or(""), *protocol, static_cast<uint16_t>(*number)});
  }
}

}  // namespace

// Rule 18: "every namespace carries the immutable kubernetes.io/metadata.name=<name>".
store::Namespace ReadNamespace(const json::object& manifest) {
  const json::object& meta = *Object(manifest, "metadata");
  store::Namespace ns{Text(meta, "name").value_or(""), Labels(meta, "labels")};
  ns.labels["kubernetes.io/metadata.name"] = ns.name;
  return ns;
}

store::Pod ReadPod(const json::object& manifest) {
  const json::object& meta = *Object(manifest, "metadata");
  store::Pod pod;
  pod.key = ReadKey(manifest);
  pod.uid = Text(meta, "uid").value_or("");
  pod.labels = Labels(meta, "labels");
  if (const json::object* spec = Object(manifest, "spec")) {
    if (IsTrue(*spec, "hostNetwork")) pod.host_network = store::HostNetwork::kYes;
    for (const json::object* container : Objects(*spec, "containers")) {
      ReadContainerPorts(*container, pod);
    }
    // Rule 34: "restartable init containers (sidecars) declare ports too"; others have ended.
    for (const json::object* container : Objects(*spec, "initContainers")) {
      if (Text(*container, "restartPolicy") == "Always") ReadContainerPorts(*container, pod);
    }
  }
  if (const json::object* status = Object(manifest, "status")) {
    pod.phase = ReadPhase(Text(*status, "phase").value_or(""));
    if (const auto ip = ReadAddress(Text(*status, "podIP").value_or(""))) pod.ips.push_back(*ip);
    // Rule 54: all of status.podIPs.
    for (const json::object* entry : Objects(*status, "podIPs")) {
      if (const auto ip = ReadAddress(Text(*entry, "ip").value_or(""))) pod.ips.push_back(*ip);
    }
  }
  return pod;
}

store::NetworkPolicy ReadNetworkPolicy(const json::object& manifest) {
  store::NetworkPolicy policy;
  policy.key = ReadKey(manifest);
  const json::object nothing;
  const json::object* written = Object(manifest, "spec");
  const json::object& spec = written == nullptr ? nothing : *written;
  // Rule 13: missing means all pods of the namespace. Rule 61: a policy "must fail closed for its
  // own subjects"; of a selector, what cannot be understood is left out, which selects more.
  if (const json::object* subjects = Object(spec, "podSelector")) {
    policy.pod_selector = ReadLabelSelector(*subjects).requirements;
  }
  bool ingress = false;
  bool egress = false;
  const std::vector<std::string> types = Texts(spec, "policyTypes");
  // Rule 11: present is taken literally; rule 58: also when it says a thing twice.
  for (const std::string& type : types) {
    if (type == "Ingress") ingress = true;
    if (type == "Egress") egress = true;
  }
  // Rule 10: "empty or missing -> [Ingress]; plus Egress iff len(spec.egress) != 0".
  if (types.empty()) {
    ingress = true;
    egress = !Objects(spec, "egress").empty();
  }
  // Rule 14: [] is as if missing. Rule 11: rules of a direction that is no type mean nothing.
  if (ingress) policy.ingress = ReadRules(spec, "ingress", "from");
  if (egress) policy.egress = ReadRules(spec, "egress", "to");
  return policy;
}

}  // namespace sluice::oracle
