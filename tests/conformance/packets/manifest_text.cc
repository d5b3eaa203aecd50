#include "tests/conformance/packets/manifest_text.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "agent/decode/names.h"
#include "ofctl/base/hash.h"

namespace sluice::conformance {
namespace {

using store::SelectorOperator;
using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Put(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Put(Writer& out, const char* key, std::string_view text) {
  out.Key(key);
  Put(out, text);
}

template <typename List, typename PutOne>
void PutList(Writer& out, const char* key, const List& list, PutOne put_one) {
  out.Key(key);
  out.StartArray();
  for (const auto& one : list) put_one(out, one);
  out.EndArray();
}

std::string_view ToString(SelectorOperator op) {
  switch (op) {
    case SelectorOperator::kIn:
      return "In";
    case SelectorOperator::kNotIn:
      return "NotIn";
    case SelectorOperator::kExists:
      return "Exists";
    case SelectorOperator::kDoesNotExist:
      return "DoesNotExist";
  }
  return "?";
}

std::string_view ToString(store::PodPhase phase) {
  switch (phase) {
    case store::PodPhase::kPending:
      return "Pending";
    case store::PodPhase::kRunning:
      return "Running";
    case store::PodPhase::kSucceeded:
      return "Succeeded";
    case store::PodPhase::kFailed:
      return "Failed";
    case store::PodPhase::kUnknown:
      return "Unknown";
  }
  return "?";
}

void PutSelector(Writer& out, const char* key, const store::LabelSelector& selector) {
  out.Key(key);
  out.StartObject();
  PutList(out, "matchExpressions", selector.requirements(),
          [](Writer& to, const store::Requirement& requirement) {
            to.StartObject();
            Put(to, "key", requirement.key);
            Put(to, "operator", ToString(requirement.op));
            const auto put_value = [](Writer& list, const std::string& value) { Put(list, value); };
            PutList(to, "values", requirement.values, put_value);
            to.EndObject();
          });
  out.EndObject();
}

void PutPeer(Writer& out, const store::Peer& peer) {
  out.StartObject();
  if (peer.ip_block) {
    out.Key("ipBlock");
    out.StartObject();
    Put(out, "cidr", peer.ip_block->cidr.ToString());
    PutList(out, "except", peer.ip_block->except,
            [](Writer& to, const Cidr& cidr) { Put(to, cidr.ToString()); });
    out.EndObject();
  }
  if (peer.namespace_selector) PutSelector(out, "namespaceSelector", *peer.namespace_selector);
  if (peer.pod_selector) PutSelector(out, "podSelector", *peer.pod_selector);
  out.EndObject();
}

void PutPolicyPort(Writer& out, const store::PolicyPort& port) {
  out.StartObject();
  Put(out, "protocol", store::ToString(port.protocol));
  if (const auto* name = std::get_if<std::string>(&port.port)) Put(out, "port", *name);
  if (const auto* number = std::get_if<uint16_t>(&port.port)) {
    out.Key("port");
    out.Uint(*number);
  }
  if (port.end) {
    out.Key("endPort");
    out.Uint(*port.end);
  }
  out.EndObject();
}

void PutRules(Writer& out, const store::NetworkPolicy& policy, store::Direction direction) {
  const auto& rules = policy.rules(direction);
  if (!rules) return;
  const bool ingress = direction == store::Direction::kIngress;
  PutList(out, ingress ? "ingress" : "egress", *rules,
          [ingress](Writer& to, const store::PolicyRule& rule) {
            to.StartObject();
            if (!rule.peers.empty()) PutList(to, ingress ? "from" : "to", rule.peers, PutPeer);
            if (!rule.ports.empty()) PutList(to, "ports", rule.ports, PutPolicyPort);
            to.EndObject();
          });
}

void PutMetadata(Writer& out, const store::ObjectKey& key, const store::Labels& labels) {
  out.Key("metadata");
  out.StartObject();
  Put(out, "name", key.name);
  if (!key.ns.empty()) Put(out, "namespace", key.ns);
  out.Key("labels");
  out.StartObject();
  for (const auto& [name, value] : labels) Put(out, name.c_str(), value);
  out.EndObject();
  out.EndObject();
}

void PutContainer(Writer& out, const std::string& name,
                  const std::vector<store::ContainerPort>& ports) {
  out.StartObject();
  Put(out, "name", name);
  PutList(out, "ports", ports, [](Writer& to, const store::ContainerPort& port) {
    to.StartObject();
    if (!port.name.empty()) Put(to, "name", port.name);
    to.Key("containerPort");
    to.Uint(port.number);
    Put(to, "protocol", store::ToString(port.protocol));
    to.EndObject();
  });
  out.EndObject();
}

void PutBody(Writer& out, const store::Namespace& ns) {
  Put(out, "apiVersion", "v1");
  Put(out, "kind", "Namespace");
  PutMetadata(out, {"", ns.name}, ns.labels);
}

void PutBody(Writer& out, const store::Pod& pod) {
  Put(out, "apiVersion", "v1");
  Put(out, "kind", "Pod");
  PutMetadata(out, pod.key, pod.labels);
  out.Key("spec");
  out.StartObject();
  out.Key("hostNetwork");
  out.Bool(pod.host_network == store::HostNetwork::kYes);
  out.Key("containers");
  out.StartArray();
  PutContainer(out, "main", {});  // a pod has one, whatever it serves
  // One container a port: two of one container could not have one name.
  for (const store::ContainerPort& port : pod.ports) {
    PutContainer(out, "server-" + std::to_string(&port - pod.ports.data()), {port});
  }
  out.EndArray();
  out.EndObject();
  out.Key("status");
  out.StartObject();
  Put(out, "phase", ToString(pod.phase));
  out.EndObject();
}

void PutBody(Writer& out, const store::Node& node) {
  Put(out, "apiVersion", "v1");
  Put(out, "kind", "Node");
  PutMetadata(out, {"", node.name}, {});
}

std::string LegalName(const std::string& name) {
  if (!decode::WrongWithDnsSubdomain(name)) return name;
  return "renamed-" + std::to_string(StableHash(name));
}

void PutBody(Writer& out, const store::NetworkPolicy& policy) {
  Put(out, "apiVersion", "networking.k8s.io/v1");
  Put(out, "kind", "NetworkPolicy");
  PutMetadata(out, {policy.key.ns, LegalName(policy.key.name)}, {});
  out.Key("spec");
  out.StartObject();
  PutSelector(out, "podSelector", policy.pod_selector);
  out.Key("policyTypes");
  out.StartArray();
  if (policy.ingress) Put(out, "Ingress");
  if (policy.egress) Put(out, "Egress");
  out.EndArray();
  PutRules(out, policy, store::Direction::kIngress);
  PutRules(out, policy, store::Direction::kEgress);
  out.EndObject();
}

}  // namespace

std::string ManifestText(const store::Object& object) {
  rapidjson::StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  std::visit([&](const auto& body) { PutBody(out, body); }, object);
  out.EndObject();
  return buffer.GetString();
}

}  // namespace sluice::conformance
