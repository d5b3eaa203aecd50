// Endpoint: one pod interface on this node's bridge. Made by CNI ADD, remembered in the
// external_ids of its OVSDB Interface row, rebuilt from there after a restart.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/objects.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"
#include "ofctl/base/strong_id.h"

namespace sluice::store {

// A container may have several interfaces; CNI identifies an attachment by both.
struct AttachmentId {
  std::string container_id;
  std::string ifname;  // inside the pod, e.g. eth0

  std::string ToString() const { return container_id + "/" + ifname; }
  friend auto operator<=>(const AttachmentId&, const AttachmentId&) = default;
};

struct Endpoint {
  AttachmentId id;
  std::string network;  // name of the network configuration that made it; may be empty
  ObjectKey pod;
  std::string pod_uid;      // may be empty: manifests need not have one
  std::string netns;        // path, as CNI gave it
  std::string host_ifname;  // the veth's end on the bridge
  MacAddress mac;
  std::vector<IpAddress> ips;
  // What the switch calls the port; absent until it has said so, and again after it restarted.
  std::optional<OfPort> ofport;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

using ExternalIds = std::map<std::string, std::string>;

// Everything but host_ifname and ofport, which are columns of the row itself.
ExternalIds ToExternalIds(const Endpoint& endpoint);
// NotFound if the row is not one of ours, Invalid (naming the key) if it is and is damaged.
Result<Endpoint> FromExternalIds(const ExternalIds& ids);

// "slu" + 12 hex digits of a hash of the id: fits IFNAMSIZ, the same after every restart.
std::string HostIfname(const AttachmentId& id);
// 0a:58 + the IPv4 address, as OVN and kubenet derive it, or + the last 32 bits of the IPv6
// address: the same address has the same MAC, so a peer's neighbour entry outlives a re-created
// pod. The switch forwards by address: two MACs that agree harm nobody.
MacAddress MacFor(const IpAddress& address);
// Of the first IPv4 address, or else of the first; all zero if there is none.
MacAddress MacFor(const std::vector<IpAddress>& addresses);

}  // namespace sluice::store
