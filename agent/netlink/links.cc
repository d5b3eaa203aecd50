#include "agent/netlink/links.h"

#include <glog/logging.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>

namespace sluice::netlink {
namespace {

using NlLink = std::unique_ptr<rtnl_link, Free<rtnl_link_put>>;

NlLink NewLink() {
  NlLink link(rtnl_link_alloc());
  CHECK(link != nullptr) << "out of memory";
  return link;
}

Status Change(const RtnlSocket& rtnl, IfIndex index, const NlLink& changes,
              const std::string& what) {
  const NlLink original = NewLink();
  rtnl_link_set_ifindex(original.get(), index.value);
  return NlStatus(rtnl_link_change(rtnl.get(), original.get(), changes.get(), 0), what);
}

}  // namespace

Result<Link> FindLink(const RtnlSocket& rtnl, const std::string& name) {
  rtnl_link* found = nullptr;
  const int returned = rtnl_link_get_kernel(rtnl.get(), 0, name.c_str(), &found);
  SLUICE_RETURN_IF_ERROR(NlStatus(returned, "device " + name));
  const NlLink link(found);
  return Link{.index = {rtnl_link_get_ifindex(found)},
              .mac = MacFromNlAddr(rtnl_link_get_addr(found)).value_or(MacAddress()),
              .mtu = rtnl_link_get_mtu(found),
              .is_up = (rtnl_link_get_flags(found) & IFF_UP) != 0};
}

Status CreateVeth(const RtnlSocket& rtnl, const VethSpec& spec) {
  const NlLink link(rtnl_link_veth_alloc());
  CHECK(link != nullptr) << "out of memory";
  rtnl_link_set_name(link.get(), spec.name.c_str());
  rtnl_link_set_mtu(link.get(), spec.mtu);

  const NlLink peer(rtnl_link_veth_get_peer(link.get()));
  rtnl_link_set_name(peer.get(), spec.peer_name.c_str());
  rtnl_link_set_mtu(peer.get(), spec.mtu);
  rtnl_link_set_ns_fd(peer.get(), spec.peer_netns);
  const NlAddr mac = ToNlAddr(spec.peer_mac);
  rtnl_link_set_addr(peer.get(), mac.get());

  return NlStatus(rtnl_link_add(rtnl.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
                  "create veth pair " + spec.name + " and " + spec.peer_name);
}

Status DeleteLink(const RtnlSocket& rtnl, const std::string& name) {
  const NlLink link = NewLink();
  rtnl_link_set_name(link.get(), name.c_str());
  const Status deleted =
      NlStatus(rtnl_link_delete(rtnl.get(), link.get()), "delete device " + name);
  if (!deleted.ok() && deleted.error().code() == ErrorCode::kNotFound) return Ok();
  return deleted;
}

Status SetUp(const RtnlSocket& rtnl, IfIndex index) {
  const NlLink changes = NewLink();
  rtnl_link_set_flags(changes.get(), IFF_UP);
  return Change(rtnl, index, changes, "set device up");
}

Status SetUpWithoutArp(const RtnlSocket& rtnl, IfIndex index) {
  const NlLink changes = NewLink();
  rtnl_link_set_flags(changes.get(), IFF_UP | IFF_NOARP);
  return Change(rtnl, index, changes, "set device up");
}

Status SetMac(const RtnlSocket& rtnl, IfIndex index, const MacAddress& mac) {
  const NlLink changes = NewLink();
  const NlAddr address = ToNlAddr(mac);
  rtnl_link_set_addr(changes.get(), address.get());
  return Change(rtnl, index, changes, "set MAC address " + mac.ToString());
}

}  // namespace sluice::netlink
