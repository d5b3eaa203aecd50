// Network devices of one namespace.
#pragma once

#include <cstdint>
#include <string>

#include "agent/netlink/rtnl.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"
#include "ofctl/base/strong_id.h"

namespace sluice::netlink {

using IfIndex = StrongId<struct IfIndexTag, int>;

struct Link {
  IfIndex index;
  MacAddress mac;
  uint32_t mtu = 0;
  bool is_up = false;  // administratively
};

// NotFound, naming the device, if there is none.
Result<Link> FindLink(const RtnlSocket& rtnl, const std::string& name);

struct VethSpec {
  std::string name;
  std::string peer_name;
  int peer_netns = -1;  // file descriptor; the peer is born there, with its final name
  MacAddress peer_mac;
  uint32_t mtu = 1500;  // of both ends
};
// Both ends are down.
Status CreateVeth(const RtnlSocket& rtnl, const VethSpec& spec);

// A device that does not exist is a success. Deletes the other end of a veth pair as well.
Status DeleteLink(const RtnlSocket& rtnl, const std::string& name);

Status SetUp(const RtnlSocket& rtnl, IfIndex link);
// Up, and the kernel asks and answers no ARP on it (IFF_NOARP).
Status SetUpWithoutArp(const RtnlSocket& rtnl, IfIndex link);
Status SetMac(const RtnlSocket& rtnl, IfIndex link, const MacAddress& mac);

}  // namespace sluice::netlink
