// IPv6 neighbour discovery, which no policy is about and without which a pod is dead.
#include "tests/fakes/builders.h"
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

constexpr uint8_t kEchoRequest = 128;

class Discovery : public HardCase {
 protected:
  Discovery() {
    Given(Pod({.key = "x/six", .labels = "{pod: six}"}));
    Attach("x/six", {"10.0.1.6", "fd00::6"});
    Given(Policy("x/deny", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  }
  // From x/six to the gateway.
  fakes::Packet Sent(uint8_t type) const {
    fakes::Packet packet;
    packet.in_port = EndpointOf("x/six").ofport->value;
    packet.eth_source = EndpointOf("x/six").mac;
    packet.ip = {fakes::Ip("fd00::6"), fakes::Ip(kNodeAddress6), ofctl::kProtoIcmpV6, type, 0};
    packet.original = packet.ip;
    packet.ttl = 255;
    return packet;
  }
  fakes::Packet Question() const {
    fakes::Packet packet = Sent(ofctl::kNdNeighborSolicit);
    packet.ip.destination = fakes::Ip("ff02::1:ff00:1");
    packet.discovery = {fakes::Ip(kNodeAddress6), EndpointOf("x/six").mac, {}};
    return packet;
  }
  std::optional<uint32_t> WhereTo(const fakes::Packet& packet) const {
    return fakes::FlowMatcher(Flows()).Trace(packet).port;
  }
};

TEST_F(Discovery, HardCase61ADenyAllLeavesAPodItsGateway) {
  EXPECT_EQ(WhereTo(Question()), kGatewayPort);
  fakes::Packet answer = Sent(ofctl::kNdNeighborAdvert);
  answer.in_port = kGatewayPort;
  answer.eth_source = TestNode().mac;
  answer.ip = answer.original = answer.ip.Reversed();
  std::swap(answer.ip.source_port, answer.ip.destination_port);  // type and code
  answer.discovery = {fakes::Ip(kNodeAddress6), {}, TestNode().mac};
  EXPECT_EQ(WhereTo(answer), EndpointOf("x/six").ofport->value);
}

TEST_F(Discovery, HardCase61NothingElseOfIcmpV6IsOpen) {
  EXPECT_EQ(WhereTo(Sent(kEchoRequest)), std::nullopt);
  EXPECT_TRUE(Denied("fd00::6 -> 2001:db8::1 UDP/53"));
  fakes::Packet about_another = Question();
  about_another.discovery->target = fakes::Ip("fd00::7");
  EXPECT_EQ(WhereTo(about_another), std::nullopt);
  fakes::Packet beyond = Question();
  beyond.ip.destination = fakes::Ip("2001:db8::1");
  EXPECT_EQ(WhereTo(beyond), std::nullopt);
  fakes::Packet link_local = Sent(kEchoRequest);
  link_local.ip.source = link_local.original.source = fakes::Ip("fe80::6");
  EXPECT_EQ(WhereTo(link_local), std::nullopt) << "no way around by another address";
}

}  // namespace
}  // namespace sluice::hardcases
