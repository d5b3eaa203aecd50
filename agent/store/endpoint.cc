#include "agent/store/endpoint.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include "ofctl/base/hash.h"

namespace sluice::store {
namespace {

constexpr char kContainerId[] = "sluice-container-id";
constexpr char kIfname[] = "sluice-ifname";
constexpr char kNetwork[] = "sluice-network";
constexpr char kPodNamespace[] = "sluice-pod-namespace";
constexpr char kPodName[] = "sluice-pod-name";
constexpr char kPodUid[] = "sluice-pod-uid";
constexpr char kNetns[] = "sluice-netns";
constexpr char kMac[] = "sluice-mac";
constexpr char kIps[] = "sluice-ips";  // separated by blanks

Result<std::string> Required(const ExternalIds& ids, const char* key) {
  const auto found = ids.find(key);
  if (found == ids.end()) return Invalid(std::string("external_ids: no ") + key);
  return found->second;
}

Result<std::vector<IpAddress>> ParseIps(std::string_view text) {
  std::vector<IpAddress> ips;
  while (!text.empty()) {
    const size_t blank = std::min(text.find(' '), text.size());
    SLUICE_ASSIGN_OR_RETURN(const IpAddress ip, ParseIp(text.substr(0, blank)));
    ips.push_back(ip);
    text.remove_prefix(std::min(blank + 1, text.size()));
  }
  return ips;
}

}  // namespace

ExternalIds ToExternalIds(const Endpoint& endpoint) {
  std::string ips;
  for (const IpAddress& ip : endpoint.ips) ips += (ips.empty() ? "" : " ") + ip.ToString();
  return {
      {kContainerId, endpoint.id.container_id},
      {kIfname, endpoint.id.ifname},
      {kNetwork, endpoint.network},
      {kPodNamespace, endpoint.pod.ns},
      {kPodName, endpoint.pod.name},
      {kPodUid, endpoint.pod_uid},
      {kNetns, endpoint.netns},
      {kMac, endpoint.mac.ToString()},
      {kIps, ips},
  };
}

Result<Endpoint> FromExternalIds(const ExternalIds& ids) {
  if (!ids.contains(kContainerId)) return NotFound("not an endpoint of Sluice");
  Endpoint endpoint;
  SLUICE_ASSIGN_OR_RETURN(endpoint.id.container_id, Required(ids, kContainerId));
  SLUICE_ASSIGN_OR_RETURN(endpoint.id.ifname, Required(ids, kIfname));
  if (const auto network = ids.find(kNetwork); network != ids.end()) {
    endpoint.network = network->second;
  }
  SLUICE_ASSIGN_OR_RETURN(endpoint.pod.ns, Required(ids, kPodNamespace));
  SLUICE_ASSIGN_OR_RETURN(endpoint.pod.name, Required(ids, kPodName));
  SLUICE_ASSIGN_OR_RETURN(endpoint.pod_uid, Required(ids, kPodUid));
  SLUICE_ASSIGN_OR_RETURN(endpoint.netns, Required(ids, kNetns));
  SLUICE_ASSIGN_OR_RETURN(const std::string mac, Required(ids, kMac));
  SLUICE_ASSIGN_OR_RETURN(endpoint.mac, ParseMac(mac));
  SLUICE_ASSIGN_OR_RETURN(const std::string ips, Required(ids, kIps));
  SLUICE_ASSIGN_OR_RETURN(endpoint.ips, ParseIps(ips));
  return endpoint;
}

std::string HostIfname(const AttachmentId& id) {
  char name[16];
  const uint64_t hash = StableHash(id.container_id + "\n" + id.ifname);
  std::snprintf(name, sizeof name, "slu%012" PRIx64, hash >> 16);
  return name;
}

MacAddress MacFor(const std::vector<IpAddress>& addresses) {
  const auto first_v4 = std::ranges::find_if(addresses, &IpAddress::is_v4);
  if (first_v4 != addresses.end()) return MacFor(*first_v4);
  return addresses.empty() ? MacAddress() : MacFor(addresses.front());
}

MacAddress MacFor(const IpAddress& address) {
  const IpAddress::Bytes& b = address.bytes();
  if (address.is_v4()) return MacAddress({0x0a, 0x58, b[0], b[1], b[2], b[3]});
  return MacAddress({0x0a, 0x58, b[12], b[13], b[14], b[15]});
}

}  // namespace sluice::store
