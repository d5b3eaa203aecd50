#include "agent/status/parties.h"

#include <algorithm>
#include <cctype>

namespace sluice::status {

Result<Party> ParseParty(const reconcile::DesiredState& desired, const std::string& text) {
  if (text == "node") return Party{PartyKind::kNode, desired.node().addresses.front()};
  const size_t slash = text.find('/');
  if (slash == std::string::npos) {
    SLUICE_ASSIGN_OR_RETURN(const IpAddress address, ParseIp(text));
    return Party{PartyKind::kAddress, address};
  }
  const store::ObjectKey key{text.substr(0, slash), text.substr(slash + 1)};
  const store::PodState* pod = desired.store().FindPod(key);
  if (pod == nullptr) {
    return NotFound(desired.store().FindPodObject(key) != nullptr
                        ? "pod " + text + " has no address on the pod network"
                        : "there is no pod " + text);
  }
  return Party{PartyKind::kAddress, pod->ips.front()};
}

Result<Service> ParseService(const std::string& protocol, int64_t port) {
  std::string name = protocol;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (name != "tcp" && name != "udp") {
    return Unsupported("protocol \"" + protocol + "\" is neither tcp nor udp");
  }
  if (port < 1 || port > 0xffff) {
    return Invalid("port " + std::to_string(port) + " is not in 1..65535");
  }
  return Service{name == "tcp" ? ofctl::kProtoTcp : ofctl::kProtoUdp, static_cast<uint16_t>(port)};
}

policy::Verdict JudgeParties(const reconcile::DesiredState& desired, const PartyPair& pair,
                             const Service& service) {
  const IpAddress& source = pair.source.address;
  const IpAddress& destination = pair.destination.address;
  // It never leaves the pod's own network namespace (netpol rule 41).
  if (source == destination) return {};
  policy::Verdict verdict =
      desired.policy().Judge({source, destination, service.ip_protocol, service.port});
  // "OR if the traffic source is the pod's local node" (netpol rule 39).
  if (pair.source.kind == PartyKind::kNode) verdict.ingress = {};
  return verdict;
}

}  // namespace sluice::status
