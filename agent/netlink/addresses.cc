#include "agent/netlink/addresses.h"

#include <glog/logging.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <netlink/errno.h>
#include <netlink/route/addr.h>

namespace sluice::netlink {
namespace {

using NlIfAddr = std::unique_ptr<rtnl_addr, Free<rtnl_addr_put>>;

NlIfAddr Build(IfIndex link, const InterfaceAddress& address) {
  NlIfAddr built(rtnl_addr_alloc());
  CHECK(built != nullptr) << "out of memory";
  rtnl_addr_set_ifindex(built.get(), link.value);
  const NlAddr local = ToNlAddr(address.address, address.prefix_length);
  CHECK_EQ(rtnl_addr_set_local(built.get(), local.get()), 0);
  if (!address.address.is_v4()) rtnl_addr_set_flags(built.get(), IFA_F_NODAD);
  return built;
}

}  // namespace

Result<std::vector<InterfaceAddress>> GlobalAddresses(const RtnlSocket& rtnl, IfIndex link) {
  SLUICE_ASSIGN_OR_RETURN(const auto dump,
                          NlDump<rtnl_addr>::Of("list addresses", [&](nl_cache** all) {
                            return rtnl_addr_alloc_cache(rtnl.get(), all);
                          }));
  std::vector<InterfaceAddress> addresses;
  for (rtnl_addr* entry : dump) {
    if (rtnl_addr_get_ifindex(entry) != link.value) continue;
    if (rtnl_addr_get_scope(entry) != RT_SCOPE_UNIVERSE) continue;
    const auto ip = FromNlAddr(rtnl_addr_get_local(entry));
    if (!ip) continue;
    addresses.push_back({*ip, static_cast<uint8_t>(rtnl_addr_get_prefixlen(entry))});
  }
  return addresses;
}

Status AddAddress(const RtnlSocket& rtnl, IfIndex link, const InterfaceAddress& address) {
  const NlIfAddr built = Build(link, address);
  const int returned = rtnl_addr_add(rtnl.get(), built.get(), 0);
  if (returned == -NLE_EXIST) return Ok();
  return NlStatus(returned, "add address " + address.ToString());
}

Status DeleteAddress(const RtnlSocket& rtnl, IfIndex link, const InterfaceAddress& address) {
  const NlIfAddr built = Build(link, address);
  return NlStatus(rtnl_addr_delete(rtnl.get(), built.get(), 0),
                  "delete address " + address.ToString());
}

}  // namespace sluice::netlink
