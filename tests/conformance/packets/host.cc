#include "tests/conformance/packets/host.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sluice::conformance {
namespace {

// The host's next hop: permanent neighbour entries alone, so that it takes no address away from
// what a policy may name.
constexpr char kNextHopIPv4[] = "169.254.0.1";
constexpr char kNextHopIPv6[] = "fe80::1";
constexpr char kNodeMac[] = "0a:00:00:00:01:01";
constexpr char kHostMac[] = "0a:00:00:00:01:02";

// `commands` without the word ip, one a line, in the namespace of the calling thread.
Status Ip(const std::string& commands) {
  FILE* const ip = popen("ip -batch -", "we");
  if (ip == nullptr) return Unavailable(std::string("ip: ") + std::strerror(errno));
  const bool written = fputs(commands.c_str(), ip) >= 0;
  if (pclose(ip) != 0 || !written) return Refused("ip refuses one of:\n" + commands);
  return Ok();
}

bool IsIn(const IpAddress& ip, std::initializer_list<const char*> prefixes) {
  for (const char* prefix : prefixes) {
    if (ParseCidr(prefix)->Contains(ip)) return true;
  }
  return false;
}

}  // namespace

Status Host::Serve(const Server::Spec& spec, const NetworkNamespace& home,
                   boost::asio::io_context& io) {
  std::unique_ptr<Server>& server = servers_[{spec.family, spec.service}];
  if (server) return Ok();
  const Visit inside(netns_, home);
  SLUICE_ASSIGN_OR_RETURN(server, Server::Start(io, spec));
  return Ok();
}

std::optional<std::string> WhyNoHost(const IpAddress& ip) {
  // This network, loopback, link-local, multicast, class E; and what the node routes to its pods.
  if (IsIn(ip, {"0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3", "::/8", "fe80::/10",
                "ff00::/8"})) {
    return "no host can have the address";
  }
  if (IsIn(ip, {kPodPrefixIPv4, kPodPrefixIPv6})) return "the address is in the node's pod network";
  return std::nullopt;
}

Result<Host> AttachOutsideHost(const OutsideHostSpec& spec, const NetworkNamespace& home) {
  SLUICE_ASSIGN_OR_RETURN(NetworkNamespace netns, NetworkNamespace::Create());
  const std::string address = spec.ip.ToString();
  const std::string prefix = Cidr::Host(spec.ip).ToString();
  const std::string leg = "out" + std::to_string(spec.number);
  const std::string next_hop = spec.ip.is_v4() ? kNextHopIPv4 : kNextHopIPv6;
  SLUICE_RETURN_IF_ERROR(Ip("link add " + leg + " address " + kNodeMac +
                            " type veth peer name eth0 address " + kHostMac + " netns " +
                            netns.path() + "\nlink set " + leg + " up\nneigh add " + address +
                            " lladdr " + kHostMac + " dev " + leg + " nud permanent\n" +
                            "route add " + prefix + " dev " + leg + "\n"));
  const Visit inside(netns, home);
  SLUICE_RETURN_IF_ERROR(Ip("addr add " + prefix + " dev eth0" + (spec.ip.is_v4() ? "" : " nodad") +
                            "\nlink set eth0 up\nneigh add " + next_hop + " lladdr " + kNodeMac +
                            " dev eth0 nud permanent\nroute add " +
                            (spec.ip.is_v4() ? "default" : "::/0") + " via " + next_hop +
                            " dev eth0 onlink\n"));
  return Host(std::move(netns));
}

}  // namespace sluice::conformance
