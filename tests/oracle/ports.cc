#include "tests/oracle/ports.h"

namespace sluice::oracle {
namespace {

// Rule 29.
bool IsProtocol(store::Protocol protocol, const Connection& connection) {
  switch (protocol) {
    case store::Protocol::kTcp:
      return connection.ip_protocol == 6;
    case store::Protocol::kUdp:
      return connection.ip_protocol == 17;
    case store::Protocol::kSctp:
      return connection.ip_protocol == 132;
  }
  return false;
}

}  // namespace

bool NumberMatches(const store::PolicyRule& rule, const Connection& connection) {
  // 1.3: rule.ports missing or empty means all ports of all protocols. Rule 43 leaves other
  // protocols undefined: here such a rule means those as well, and no other rule does.
  if (rule.ports.empty()) return true;
  for (const store::PolicyPort& port : rule.ports) {
    if (!IsProtocol(port.protocol, connection)) continue;
    // 1.3: a port item without a port means all ports of its protocol.
    if (std::holds_alternative<std::monostate>(port.port)) return true;
    if (!std::holds_alternative<uint16_t>(port.port)) continue;
    // Rule 36: endPort makes it the inclusive range port..endPort.
    const uint16_t first = std::get<uint16_t>(port.port);
    const uint16_t last = port.end ? *port.end : first;
    if (first <= connection.port && connection.port <= last) return true;
  }
  return false;
}

// Rule 31: "resolved against the destination pod's container ports: name AND protocol must match;
// the number can differ from pod to pod". Rule 34: those of sidecars count.
bool NameMatches(const store::PolicyRule& rule, const SeenPod& destination,
                 const Connection& connection) {
  for (const store::PolicyPort& port : rule.ports) {
    if (!std::holds_alternative<std::string>(port.port)) continue;
    if (!IsProtocol(port.protocol, connection)) continue;
    for (const store::ContainerPort& declared : destination.object.ports) {
      if (declared.name != std::get<std::string>(port.port)) continue;
      if (declared.protocol != port.protocol) continue;  // rule 35: keyed by (name, protocol)
      if (declared.number == connection.port) return true;
    }
  }
  return false;
}

}  // namespace sluice::oracle
