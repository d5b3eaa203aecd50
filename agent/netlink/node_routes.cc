#include "agent/netlink/node_routes.h"

#include <algorithm>
#include <map>

#include "agent/netlink/addresses.h"

namespace sluice::netlink {
namespace {

constexpr std::array kFamilies = {IpFamily::kIPv4, IpFamily::kIPv6};
constexpr IfIndex kLoopback{1};  // the first device of every namespace

bool IsLinkLocal(const Cidr& cidr) {
  const auto& bytes = cidr.network().bytes();
  return cidr.family() == IpFamily::kIPv6 && bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80;
}

Route RouteTo(const nodes::NodeRoute& wanted) {
  return {.table = kMainTable,
          .destination = wanted.destination,
          .via = wanted.via,
          .device = {},
          .source = std::nullopt,
          .protocol = kNodeRoute};
}

// What the main table has of ours, and of others.
struct Found {
  std::vector<Route> ours;
  std::multimap<Cidr, Route> others;
};

Result<Found> FindRoutes(const RtnlSocket& rtnl) {
  Found found;
  for (const IpFamily family : kFamilies) {
    SLUICE_ASSIGN_OR_RETURN(auto routes, Routes(rtnl, {.table = kMainTable, .family = family}));
    for (Route& route : routes) {
      if (route.protocol == kNodeRoute) {
        found.ours.push_back(std::move(route));
      } else {
        found.others.emplace(route.destination, std::move(route));
      }
    }
  }
  return found;
}

// One that somebody else has made leads there as well; nothing is to be done, or can be.
bool IsMadeByOthers(const Found& found, const nodes::NodeRoute& wanted) {
  const auto [first, last] = found.others.equal_range(wanted.destination);
  return std::any_of(first, last,
                     [&](const auto& other) { return other.second.via == wanted.via; });
}

class Sync {
 public:
  Sync(const RtnlSocket& rtnl, size_t at_most) : rtnl_(rtnl), left_(at_most) {}

  void Remove(const Route& route) {
    if (Take()) Note(DeleteRoute(rtnl_, route), result_.removed);
  }
  void Add(const nodes::NodeRoute& wanted) {
    if (Take()) Note(AddRoute(rtnl_, RouteTo(wanted)), result_.added);
  }
  RouteSync result() && { return std::move(result_); }

 private:
  bool Take() {
    if (left_ == 0) result_.is_whole = false;
    return left_ > 0;
  }
  void Note(const Status& done, size_t& counter) {
    if (done.ok()) {
      ++counter;
      --left_;
    } else if (done.error().code() != ErrorCode::kNotFound) {
      result_.problems.push_back(done.error().message());
    }
  }

  const RtnlSocket& rtnl_;
  size_t left_;
  RouteSync result_;
};

}  // namespace

Result<nodes::ConnectedNetworks> FindConnectedNetworks(const std::vector<std::string>& but_not) {
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket rtnl, RtnlSocket::Open());
  std::vector<IfIndex> ignored = {kLoopback};
  for (const std::string& name : but_not) {
    if (const auto link = FindLink(rtnl, name); link.ok()) ignored.push_back(link->index);
  }
  nodes::ConnectedNetworks connected;
  std::vector<IfIndex> devices;
  for (const IpFamily family : kFamilies) {
    SLUICE_ASSIGN_OR_RETURN(const auto routes,
                            Routes(rtnl, {.table = kMainTable, .family = family}));
    for (const Route& route : routes) {
      if (route.via || IsLinkLocal(route.destination) || route.destination.length() == 0) continue;
      if (std::ranges::find(ignored, route.device) != ignored.end()) continue;
      connected.prefixes.push_back(route.destination);
      devices.push_back(route.device);
    }
  }
  std::ranges::sort(devices);
  const auto repeated = std::ranges::unique(devices);
  devices.erase(repeated.begin(), repeated.end());
  for (const IfIndex device : devices) {
    SLUICE_ASSIGN_OR_RETURN(const auto addresses, GlobalAddresses(rtnl, device));
    for (const InterfaceAddress& own : addresses) connected.own_addresses.push_back(own.address);
  }
  return connected;
}

Result<RouteSync> SyncNodeRoutes(const std::vector<nodes::NodeRoute>& wanted, size_t at_most) {
  SLUICE_ASSIGN_OR_RETURN(const RtnlSocket rtnl, RtnlSocket::Open());
  SLUICE_ASSIGN_OR_RETURN(const Found found, FindRoutes(rtnl));
  Sync sync(rtnl, at_most);
  std::vector<nodes::NodeRoute> there;
  for (const Route& route : found.ours) {
    const nodes::NodeRoute one{route.destination, route.via.value_or(IpAddress())};
    if (route.via && std::ranges::binary_search(wanted, one)) {
      there.push_back(one);
    } else {
      sync.Remove(route);
    }
  }
  std::ranges::sort(there);
  for (const nodes::NodeRoute& one : wanted) {
    if (std::ranges::binary_search(there, one) || IsMadeByOthers(found, one)) continue;
    sync.Add(one);
  }
  return std::move(sync).result();
}

}  // namespace sluice::netlink
