#include "tests/fuzz/traced_flow.h"

#include "agent/pipeline/fields.h"
#include "ofctl/field.h"

namespace sluice::fuzz {
namespace {

constexpr int kClientPort = 40000;
constexpr int kEchoRequest = 8;
constexpr int kEchoRequestV6 = 128;

// "tcp" and the like: what the names of its port fields begin with. Empty: it has none.
std::string PrefixOf(uint8_t ip_protocol) {
  switch (ip_protocol) {
    case ofctl::kProtoTcp:
      return "tcp";
    case ofctl::kProtoUdp:
      return "udp";
    case ofctl::kProtoSctp:
      return "sctp";
    default:
      return "";
  }
}

std::string Number(const char* name, int value) {
  return "," + std::string(name) + "=" + std::to_string(value);
}

std::string InPort(uint32_t port) {
  return "in_port=" + (port == ofctl::kPortLocal ? "LOCAL" : std::to_string(port));
}

std::string Ports(const oracle::Connection& of) {
  if (of.ip_protocol == ofctl::kProtoIcmp) return Number("icmp_type", kEchoRequest);
  if (of.ip_protocol == ofctl::kProtoIcmpV6) return Number("icmpv6_type", kEchoRequestV6);
  const std::string prefix = PrefixOf(of.ip_protocol);
  if (prefix.empty()) return "";
  return Number((prefix + "_src").c_str(), kClientPort) +
         Number((prefix + "_dst").c_str(), of.port);
}

std::string TrackedPorts(const oracle::Connection& of) {
  if (of.ip_protocol == ofctl::kProtoIcmp) return Number("ct_tp_src", kEchoRequest);
  if (of.ip_protocol == ofctl::kProtoIcmpV6) return Number("ct_tp_src", kEchoRequestV6);
  if (PrefixOf(of.ip_protocol).empty()) return "";
  return Number("ct_tp_src", kClientPort) + Number("ct_tp_dst", of.port);
}

}  // namespace

std::string UntrackedFlow(const Question& question) {
  return UntrackedFlow(question, question.connection.source);
}

std::string UntrackedFlow(const Question& question, const IpAddress& source) {
  const oracle::Connection& of = question.connection;
  const bool v4 = of.source.is_v4();
  const Leg& leg = question.journey->request;
  return InPort(leg.in_port) + ",dl_src=" + leg.source_mac.ToString() +
         ",dl_dst=" + FuzzNode({}).mac.ToString() +
         Number("eth_type", v4 ? ofctl::kEthTypeIPv4 : ofctl::kEthTypeIPv6) +
         (v4 ? ",nw_src=" : ",ipv6_src=") + source.ToString() + (v4 ? ",nw_dst=" : ",ipv6_dst=") +
         of.destination.ToString() + Number("nw_proto", of.ip_protocol) + ",nw_ttl=64" + Ports(of);
}

std::string TrackedFlow(const Question& question, pipeline::SctpPorts sctp) {
  const oracle::Connection& of = question.connection;
  const bool v4 = of.source.is_v4();
  const bool ports_unknown =
      of.ip_protocol == ofctl::kProtoSctp && sctp == pipeline::SctpPorts::kFromHeader;
  return UntrackedFlow(question) + ",ct_state=trk|new" +
         Number("ct_zone", v4 ? pipeline::kZoneIPv4 : pipeline::kZoneIPv6) +
         (v4 ? ",ct_nw_src=" : ",ct_ipv6_src=") + of.source.ToString() +
         (v4 ? ",ct_nw_dst=" : ",ct_ipv6_dst=") + of.destination.ToString() +
         Number("ct_nw_proto", of.ip_protocol) + (ports_unknown ? "" : TrackedPorts(of));
}

}  // namespace sluice::fuzz
