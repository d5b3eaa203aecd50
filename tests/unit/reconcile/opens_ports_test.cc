#include "agent/reconcile/opens_ports.h"

#include <gtest/gtest.h>

#include "agent/pipeline/endpoint_flows.h"
#include "agent/pipeline/flow_parts.h"
#include "agent/reconcile/desired_state.h"
#include "tests/fakes/builders.h"

namespace sluice::reconcile {
namespace {

using ofctl::FlowDelta;
using ofctl::FlowMap;
using pipeline::Table;

class OpensPortsTest : public testing::Test {
 protected:
  static store::Pod Pod(std::string_view v4, std::string_view v6) {
    return fakes::PodBuilder("shop", std::string(v4)).Ip(v4).Ip(v6);
  }
  // Of a pod with addresses of both families, on a switch whose conntrack knows no SCTP ports.
  static FlowDelta Opening(std::string_view v4, std::string_view v6, OfPort port) {
    const pipeline::NodePorts node = {{2},
                                      MacAddress({2, 0, 0, 0, 0, 1}),
                                      {fakes::Ip("10.0.255.254"), fakes::Ip("fd00::ffff")},
                                      pipeline::SctpPorts::kFromHeader};
    return {
        {},
        pipeline::RenderEndpoint({fakes::EndpointOf(Pod(v4, v6), port), store::Gate::kOpen}, node)
            .flows};
  }
  static FlowDelta OpeningOne() { return Opening("10.0.0.1", "fd00::1", {10}); }
  static ofctl::Flow IntoClass(Table table, std::string_view address) {
    const IpAddress ip = fakes::Ip(address);
    const pipeline::AddressFields fields = pipeline::FieldsOf(ip.family());
    const ofctl::Field field =
        table == Table::kSourceClass ? fields.original_source : fields.original_destination;
    return pipeline::MakeFlow(
        1, {table, 132, pipeline::Tracked(ip.family()).Prefix(field, Cidr::Host(ip)), {}});
  }
  static FlowDelta With(FlowDelta delta, ofctl::Flow flow) {
    delta.set.push_back(std::move(flow));
    return delta;
  }
};

TEST_F(OpensPortsTest, AllFlowsOfAPodDo) {
  ASSERT_GT(OpeningOne().set.size(), 10u);
  EXPECT_TRUE(OnlyOpensPorts(OpeningOne(), {}));
}

TEST_F(OpensPortsTest, AlsoOfSeveralPodsAtOnce) {
  FlowDelta delta = OpeningOne();
  for (ofctl::Flow& flow : Opening("10.0.0.2", "fd00::2", {11}).set) delta.set.push_back(flow);
  EXPECT_TRUE(OnlyOpensPorts(delta, {}));
}

TEST_F(OpensPortsTest, TheClassesOfTheirOwnAddressesBelongToThem) {
  for (const Table table : {Table::kSourceClass, Table::kDestinationClass}) {
    for (const char* const own : {"10.0.0.1", "fd00::1"}) {
      EXPECT_TRUE(OnlyOpensPorts(With(OpeningOne(), IntoClass(table, own)), {})) << own;
    }
    for (const char* const others : {"10.0.0.2", "fd00::2"}) {
      EXPECT_FALSE(OnlyOpensPorts(With(OpeningOne(), IntoClass(table, others)), {})) << others;
    }
  }
}

TEST_F(OpensPortsTest, AClassOfABlockThatHoldsTheAddressIsAboutOthers) {
  const auto block =
      pipeline::MakeFlow(1, {Table::kSourceClass,
                             124,
                             pipeline::Tracked(IpFamily::kIPv4)
                                 .Prefix(ofctl::Field::kCtNwSrc, fakes::Prefix("10.0.0.0/24")),
                             {}});
  EXPECT_FALSE(OnlyOpensPorts(With(OpeningOne(), block), {}));
}

TEST_F(OpensPortsTest, WhatIsRemovedWasInForce) {
  FlowDelta delta = OpeningOne();
  delta.remove.push_back(delta.set.back().key);
  delta.set.pop_back();
  EXPECT_FALSE(OnlyOpensPorts(delta, {}));
}

TEST_F(OpensPortsTest, WhatIsReplacedWasInForce) {
  const FlowDelta delta = OpeningOne();
  for (const ofctl::Flow& flow : delta.set) {
    EXPECT_FALSE(OnlyOpensPorts(delta, FlowMap{{flow.key, {}}})) << ToString(flow);
  }
}

TEST_F(OpensPortsTest, WhatIsNotAboutAPodIsAboutOthers) {
  for (const Table table :
       {Table::kConntrack, Table::kSctpState, Table::kEgressRule, Table::kEgressDefault,
        Table::kIngressRule, Table::kIngressDefault, Table::kOutput}) {
    const auto flow =
        pipeline::MakeFlow(1, {table, 100, ofctl::Match().Exact(ofctl::Field::kReg6, 7), {}});
    EXPECT_FALSE(OnlyOpensPorts(With(OpeningOne(), flow), {}))
        << pipeline::NameOf(pipeline::Number(table));
  }
  EXPECT_FALSE(OnlyOpensPorts({{}, {{{77, 100, {}}, {}}}}, {})) << "no table of ours";
}

}  // namespace
}  // namespace sluice::reconcile
