#include "tests/conformance/trace_text.h"

#include <gtest/gtest.h>

namespace sluice::conformance {
namespace {

TEST(TraceTextTest, ATrackedFlowCarriesItsOriginalTuple) {
  const TracedPacket packet{.in_port = OfPort{1000},
                            .source_mac = MacAddress({0x0a, 0x58, 10, 0, 0, 1}),
                            .destination_mac = MacAddress({0x0a, 0x58, 0, 0, 0, 1}),
                            .source = IpAddress::FromV4(0x0a000001),
                            .destination = IpAddress::FromV4(0x0a000002),
                            .service = {store::Protocol::kUdp, 53}};
  EXPECT_EQ(TrackedFlow(packet),
            "in_port=1000,udp,dl_src=0a:58:0a:00:00:01,dl_dst=0a:58:00:00:00:01,nw_src=10.0.0.1,"
            "nw_dst=10.0.0.2,nw_ttl=64,udp_src=40000,udp_dst=53,ct_state=trk|new,ct_zone=4,"
            "ct_nw_src=10.0.0.1,ct_nw_dst=10.0.0.2,ct_nw_proto=17,ct_tp_src=40000,ct_tp_dst=53");
}

TEST(TraceTextTest, AnIPv6FlowHasTheFieldsOfItsFamily) {
  const TracedPacket packet{.in_port = OfPort{1000},
                            .source_mac = MacAddress({0x0a, 0x58, 0, 0, 0, 1}),
                            .destination_mac = MacAddress({0x0a, 0x58, 0, 0, 0, 2}),
                            .source = *ParseIp("fd00::1"),
                            .destination = *ParseIp("fd00::2"),
                            .service = {store::Protocol::kSctp, 80}};
  EXPECT_EQ(TrackedFlow(packet),
            "in_port=1000,sctp6,dl_src=0a:58:00:00:00:01,dl_dst=0a:58:00:00:00:02,"
            "ipv6_src=fd00::1,ipv6_dst=fd00::2,nw_ttl=64,sctp_src=40000,sctp_dst=80,"
            "ct_state=trk|new,ct_zone=6,ct_ipv6_src=fd00::1,ct_ipv6_dst=fd00::2,ct_nw_proto=132,"
            "ct_tp_src=40000,ct_tp_dst=80");
}

TEST(TraceTextTest, AnOutputBehindConntrackIsAllowed) {
  const auto verdict = ReadTrace(
      "Flow: tcp\nDatapath actions: set(eth(src=0a:58:00:00:00:01,dst=0a:58:0a:00:00:02)),"
      "ct(commit,zone=4,label=0x5),recirc(0x1)\n\nFlow: tcp\nDatapath actions: p1001\n");
  ASSERT_TRUE(verdict.ok()) << verdict.error().message();
  EXPECT_EQ(verdict->output, "p1001");
  EXPECT_TRUE(verdict->tracked);
}

TEST(TraceTextTest, ADropIsDenied) {
  const auto verdict = ReadTrace("Final flow: unchanged\nDatapath actions: drop\n");
  ASSERT_TRUE(verdict.ok()) << verdict.error().message();
  EXPECT_EQ(verdict->output, std::nullopt);
  EXPECT_FALSE(verdict->tracked);
}

TEST(TraceTextTest, AnythingElseIsAnError) {
  EXPECT_FALSE(ReadTrace("").ok());
  EXPECT_FALSE(ReadTrace("Datapath actions: p1000,p1001\n").ok());
  EXPECT_FALSE(ReadTrace("Datapath actions: ct(zone=4),recirc(0x1)\n").ok());
  EXPECT_FALSE(ReadTrace("Datapath actions: p1000,recirc(0x1)\nDatapath actions: p1001\n").ok());
  EXPECT_FALSE(ReadTrace("Datapath actions: userspace(pid=0)\n").ok());
}

}  // namespace
}  // namespace sluice::conformance
