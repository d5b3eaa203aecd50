#include "cni/attachment_result.h"

#include <algorithm>

namespace sluice::cni {
namespace {

void AddDistinct(std::vector<IpAddress>& addresses, const std::optional<IpAddress>& address) {
  if (!address || std::find(addresses.begin(), addresses.end(), *address) != addresses.end())
    return;
  addresses.push_back(*address);
}

bool IsSet(const Dns& dns) { return !(dns == Dns{}); }

}  // namespace

Request MakeRequest(const Env& env, const NetConf& conf, const AddResult& addresses) {
  Request request{.verb = env.verb,
                  .network = conf.name,
                  .container_id = env.container_id,
                  .ifname = env.ifname,
                  .netns = env.netns,
                  .pod = env.pod,
                  .ips = {},
                  .gateways = {},
                  .mtu = conf.mtu,
                  .valid_attachments = conf.valid_attachments};
  for (const IpConfig& ip : addresses.ips) {
    request.ips.push_back(ip.address);
    AddDistinct(request.gateways, ip.gateway);
  }
  for (const Route& route : addresses.routes) AddDistinct(request.gateways, route.gateway);
  return request;
}

AddResult MakeResult(const Env& env, const NetConf& conf, const AddResult& addresses,
                     const Attached& attached) {
  AddResult result{
      .interfaces = {{.name = attached.host_ifname, .mac = "", .sandbox = "", .mtu = conf.mtu},
                     {.name = env.ifname,
                      .mac = attached.mac.ToString(),
                      .sandbox = env.netns,
                      .mtu = conf.mtu}},
      .ips = addresses.ips,
      .routes = addresses.routes,
      .dns = IsSet(conf.dns) ? conf.dns : addresses.dns};
  for (IpConfig& ip : result.ips) {
    ip.interface = 1;
    ip.prefix_length = AddressBits(ip.address.family());
    const auto gateway =
        std::ranges::find(attached.gateways, ip.address.family(), &IpAddress::family);
    if (!ip.gateway && gateway != attached.gateways.end()) ip.gateway = *gateway;
  }
  for (const IpAddress& gateway : attached.gateways) {
    const Cidr default_route = Cidr::Of(gateway, 0);
    const bool told =
        std::ranges::find(result.routes, default_route, &Route::destination) != result.routes.end();
    if (!told) result.routes.push_back({.destination = default_route, .gateway = gateway});
  }
  return result;
}

AddResult OwnPart(const Env& env, const AddResult& previous) {
  AddResult own;
  for (const IpConfig& ip : previous.ips) {
    if (!ip.interface) continue;
    const Interface& interface = previous.interfaces[*ip.interface];
    if (interface.name == env.ifname && !interface.sandbox.empty()) own.ips.push_back(ip);
  }
  return own;
}

}  // namespace sluice::cni
