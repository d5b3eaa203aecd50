#include "agent/pipeline/trace_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ofctl/field.h"
#include "tests/fakes/builders.h"

namespace sluice::pipeline {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TracedConnection FromPod() {
  return {.in_port = OfPort{7},
          .origin = Origin::kPod,
          .source_mac = MacAddress({0x0a, 0x58, 10, 0, 0, 1}),
          .destination_mac = MacAddress({0x0a, 0x58, 0, 0, 0, 1}),
          .source = fakes::Ip("10.0.0.1"),
          .destination = fakes::Ip("10.0.0.2"),
          .protocol = store::Protocol::kUdp,
          .port = 53};
}

TEST(TraceRequestTest, FromThePortAPacketIsUntracked) {
  const TraceCall call = MakeTraceRequest("br-int", FromPod()).from_port;

  EXPECT_EQ(call.method, "ofproto/trace");
  EXPECT_THAT(call.parameters,
              ElementsAre("--names", "br-int",
                          "in_port=7,udp,dl_src=0a:58:0a:00:00:01,dl_dst=0a:58:00:00:00:01,"
                          "nw_src=10.0.0.1,nw_dst=10.0.0.2,nw_ttl=64,udp_src=40000,udp_dst=53"));
}

TEST(TraceRequestTest, BehindConntrackItCarriesItsOriginalTupleAndOrigin) {
  const TraceRequest request = MakeTraceRequest("br-int", FromPod());

  EXPECT_EQ(request.first_packet.method, "ofproto/trace-packet-out");
  EXPECT_THAT(
      request.first_packet.parameters,
      ElementsAre("--names", "br-int",
                  EndsWith(",udp_dst=53,ct_state=trk|new,ct_zone=4,ct_nw_src=10.0.0.1,"
                           "ct_nw_dst=10.0.0.2,ct_nw_proto=17,ct_tp_src=40000,ct_tp_dst=53"),
                  "set_field:0x1/0xf->reg0,resubmit(,30)"));
  EXPECT_THAT(request.later_packet.parameters.at(2), HasSubstr(",ct_state=trk|est,"));
}

TEST(TraceRequestTest, Ipv6AndSctp) {
  TracedConnection connection = FromPod();
  connection.source = fakes::Ip("fd00::1");
  connection.destination = fakes::Ip("fd00::2");
  connection.protocol = store::Protocol::kSctp;

  const std::string flow = MakeTraceRequest("br-int", connection).first_packet.parameters.at(2);

  EXPECT_THAT(flow, StartsWith("in_port=7,sctp6,"));
  EXPECT_THAT(flow, HasSubstr(",ipv6_src=fd00::1,ipv6_dst=fd00::2,nw_ttl=64,sctp_src=40000,"));
  EXPECT_THAT(flow, HasSubstr(",ct_zone=6,ct_ipv6_src=fd00::1,ct_ipv6_dst=fd00::2,"));
  EXPECT_THAT(flow, HasSubstr(",ct_nw_proto=132,"));
}

TEST(TraceRequestTest, TheNodesOwnConnectionsComeFromLocalAndAreMarked) {
  TracedConnection connection = FromPod();
  connection.in_port = OfPort{ofctl::kPortLocal};
  connection.origin = Origin::kNode;

  const TraceRequest request = MakeTraceRequest("br-int", connection);

  EXPECT_THAT(request.from_port.parameters.at(2), StartsWith("in_port=LOCAL,"));
  EXPECT_THAT(request.first_packet.parameters.at(3), StartsWith("set_field:0x3/0xf->reg0"));
  EXPECT_THAT(request.later_packet.parameters.at(2), EndsWith(",ct_mark=0x1"));
}

}  // namespace
}  // namespace sluice::pipeline
