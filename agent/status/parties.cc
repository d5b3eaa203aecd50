#include "agent/status/parties.h"

#include <algorithm>
#include <cctype>
#include <map>

namespace sluice::status {

namespace {

const std::map<std::string, uint8_t> kProtocols = {
    {"tcp", ofctl::kProtoTcp}, {"udp", ofctl::kProtoUdp}, {"sctp", ofctl::kProtoSctp}};

struct Endpoints {
  IpAddress source;
  IpAddress destination;
};

Result<Endpoints> OfOneFamily(const PartyPair& pair) {
  for (const IpAddress& source : pair.source.addresses) {
    const auto& others = pair.destination.addresses;
    const auto match = std::ranges::find(others, source.family(), &IpAddress::family);
    if (match != others.end()) return Endpoints{.source = source, .destination = *match};
  }
  return Invalid(
      "the parties have no addresses of one family: " + pair.source.addresses.front().ToString() +
      " and " + pair.destination.addresses.front().ToString());
}

}  // namespace

Result<Party> ParseParty(const reconcile::DesiredState& desired, const std::string& text) {
  if (text == "node") return Party{PartyKind::kNode, desired.node().addresses};
  const size_t slash = text.find('/');
  if (slash == std::string::npos) {
    SLUICE_ASSIGN_OR_RETURN(const IpAddress address, ParseIp(text));
    return Party{PartyKind::kAddress, {address}};
  }
  const size_t at = std::min(text.find('@'), text.size());
  const store::ObjectKey key{text.substr(0, slash), text.substr(slash + 1, at - slash - 1)};
  const store::PodState* pod = desired.store().FindPod(key);
  if (pod == nullptr) {
    return NotFound(desired.store().FindPodObject(key)
                        ? "pod " + key.ToString() + " has no address on the pod network"
                        : "there is no pod " + key.ToString());
  }
  if (at == text.size()) return Party{PartyKind::kAddress, pod->ips};
  SLUICE_ASSIGN_OR_RETURN(const IpAddress address, ParseIp(text.substr(at + 1)));
  if (std::ranges::find(pod->ips, address) == pod->ips.end()) {
    return NotFound("pod " + key.ToString() + " has no address " + address.ToString());
  }
  return Party{PartyKind::kAddress, {address}};
}

Result<Service> ParseService(const std::string& protocol, int64_t port) {
  std::string name = protocol;
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  const auto known = kProtocols.find(name);
  if (known == kProtocols.end()) {
    return Unsupported("protocol \"" + protocol + "\" is none of tcp, udp, sctp");
  }
  if (port < 1 || port > 0xffff) {
    return Invalid("port " + std::to_string(port) + " is not in 1..65535");
  }
  return Service{known->second, static_cast<uint16_t>(port)};
}

Result<policy::Verdict> JudgeParties(const reconcile::DesiredState& desired, const PartyPair& pair,
                                     const Service& service) {
  SLUICE_ASSIGN_OR_RETURN(const Endpoints ends, OfOneFamily(pair));
  // It never leaves the pod's own network namespace (netpol rule 41).
  if (ends.source == ends.destination) return policy::Verdict{};
  policy::Verdict verdict =
      desired.policy().Judge({ends.source, ends.destination, service.ip_protocol, service.port});
  // "OR if the traffic source is the pod's local node" (netpol rule 39).
  if (pair.source.kind == PartyKind::kNode) verdict.ingress = {};
  return verdict;
}

}  // namespace sluice::status
