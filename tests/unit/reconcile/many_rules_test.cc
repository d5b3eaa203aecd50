// Ten thousand distinct rules over one pod: no flow outgrows its message, every verdict is exact.
#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/flow_matcher.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

constexpr int kPolicies = 100;
constexpr int kRulesPerPolicy = 100;
constexpr char kDb[] = "10.0.0.1";

// Rule n lets the n-th /24 of 20.0.0.0/8 reach TCP port 1 + n % 5000: every two rules differ.
IpAddress ClientOf(int rule) {
  return IpAddress::FromV4(0x14000000 + (static_cast<uint32_t>(rule) << 8) + 7);
}
uint16_t PortOf(int rule) { return static_cast<uint16_t>(1 + rule % 5000); }

class ManyRulesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    state_ = new DesiredState(TestNode());
    const store::Pod db = fakes::PodBuilder("shop", "db").Ip(kDb);
    std::vector<store::StoreEvent> events = {fakes::Present(db)};
    for (int p = 0; p < kPolicies; ++p) {
      fakes::PolicyBuilder policy("shop", "np" + std::to_string(p));
      for (int r = 0; r < kRulesPerPolicy; ++r) {
        const int rule = p * kRulesPerPolicy + r;
        fakes::RuleBuilder builder;
        builder.Block(Cidr::Of(ClientOf(rule), 24).ToString()).Tcp(PortOf(rule));
        policy.Ingress(builder);
      }
      events.push_back(fakes::Present(policy));
    }
    state_->PutEndpoint(fakes::EndpointOf(db, {10}));
    state_->Apply(events);
  }
  static void TearDownTestSuite() {
    delete state_;
    state_ = nullptr;
  }
  static DesiredState* state_;
};

DesiredState* ManyRulesTest::state_ = nullptr;

TEST_F(ManyRulesTest, AllAreThere) {
  EXPECT_EQ(state_->policy().rules(store::Direction::kIngress).size(), 10'000u);
}

TEST_F(ManyRulesTest, NoFlowCarriesMoreThanAThousandClauses) {
  size_t widest = 0;
  std::set<uint16_t> priorities;
  for (const auto& [key, body] : state_->flows().Flows()) {
    size_t clauses = 0;
    for (const ofctl::Action& action : body.actions) {
      clauses += std::holds_alternative<ofctl::Conjunction>(action);
    }
    if (clauses > 0) priorities.insert(key.priority);
    widest = std::max(widest, clauses);
  }
  EXPECT_LE(widest, ofctl::kMaxConjunctionsPerFlow);
  EXPECT_GE(widest, 100u) << "the case is no longer the one this is about";
  EXPECT_GE(priorities.size(), 10u);
}

TEST_F(ManyRulesTest, VerdictsStayExact) {
  const fakes::FlowMatcher matcher(state_->flows().Flows());
  const auto delivered = [&](const IpAddress& client, uint16_t port) {
    fakes::Packet packet;
    packet.in_port = kGatewayPort;
    packet.eth_source = TestNode().mac;
    packet.ip = {client, fakes::Ip(kDb), ofctl::kProtoTcp, 40000, port};
    packet.original = packet.ip;
    const fakes::Outcome outcome = matcher.Trace(packet);
    EXPECT_EQ(outcome.ambiguity, "");
    EXPECT_EQ(outcome.port.has_value(),
              state_->policy().Judge({client, fakes::Ip(kDb), ofctl::kProtoTcp, port}).allowed());
    return outcome.port.has_value();
  };
  for (int rule = 0; rule < 10'000; rule += 397) {
    EXPECT_TRUE(delivered(ClientOf(rule), PortOf(rule))) << rule;
    EXPECT_FALSE(delivered(ClientOf(rule), PortOf(rule + 1))) << rule;
    EXPECT_FALSE(delivered(IpAddress::FromV4(0x15000000), PortOf(rule))) << rule;
  }
}

TEST_F(ManyRulesTest, OneRuleMoreMovesOneBandAtMost) {
  ofctl::FlowMap installed = state_->flows().Flows();
  state_->flows().TakeDelta(installed);
  state_->Apply(
      {fakes::Present(fakes::PolicyBuilder("shop", "more")
                          .Ingress(fakes::RuleBuilder().Block("30.0.0.0/24").Tcp(6000)))});
  const size_t cost = state_->flows().TakeDelta(installed).size();
  EXPECT_GT(cost, 0u);
  // A split moves half a band: its rules' own flows, and those of their peers and ports.
  EXPECT_LE(cost, 3000u);
  state_->Apply({fakes::Gone(fakes::PolicyBuilder("shop", "more"))});
  EXPECT_EQ(state_->flows().Flows(), installed);
}

}  // namespace
}  // namespace sluice::reconcile
