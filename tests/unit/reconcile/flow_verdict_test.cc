// The flows decide as the policy engine does: for both directions of a connection, by packets of
// our own through a matcher of our own.
#include <gtest/gtest.h>

#include "tests/fakes/flow_matcher.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {
namespace {

using fakes::FiveTuple;
using fakes::FlowMatcher;
using fakes::Outcome;
using fakes::Packet;
using fakes::RandomCluster;

constexpr uint32_t kSeeds = 250;
constexpr int kEvents = 50;
constexpr int kConnections = 60;

// The open endpoint of this node that has the address.
const store::Endpoint* LocalEndpoint(const DesiredState& state, const IpAddress& address) {
  for (const auto& [id, endpoint] : state.store().endpoints()) {
    const auto& ips = endpoint.endpoint.ips;
    const bool has = std::find(ips.begin(), ips.end(), address) != ips.end();
    if (has && endpoint.gate == store::Gate::kOpen && endpoint.endpoint.ofport) {
      return &endpoint.endpoint;
    }
  }
  return nullptr;
}

Packet From(const store::Endpoint* sender, const FiveTuple& tuple) {
  Packet packet;
  packet.in_port = sender != nullptr ? sender->ofport->value : kGatewayPort;
  packet.eth_source = sender != nullptr ? sender->mac : TestNode().mac;
  packet.ip = tuple;
  packet.original = tuple;
  return packet;
}

Packet ReplyFrom(const store::Endpoint* sender, const FiveTuple& original) {
  Packet packet = From(sender, original.Reversed());
  packet.original = original;
  packet.ct_state = ofctl::kCtTrk | ofctl::kCtEst | ofctl::kCtRpl;
  return packet;
}

// Where a packet goes that policy lets through.
std::optional<uint32_t> Destination(const store::Endpoint* sender,
                                    const store::Endpoint* receiver) {
  if (receiver != nullptr) return receiver->ofport->value;
  return sender != nullptr ? std::optional(kGatewayPort) : std::nullopt;
}

struct Census {
  int delivered = 0;
  int denied = 0;
};

void CheckConnection(const DesiredState& state, const FlowMatcher& matcher,
                     const policy::Connection& connection, Census& census) {
  const auto* source = LocalEndpoint(state, connection.source);
  const auto* destination = LocalEndpoint(state, connection.destination);
  if (source == nullptr && destination == nullptr) return;
  if (source == destination) return;  // never leaves the pod
  const FiveTuple tuple{connection.source, connection.destination, connection.ip_protocol, 40000,
                        connection.port};
  const policy::Verdict verdict = state.policy().Judge(connection);
  SCOPED_TRACE(connection.source.ToString() + " -> " + connection.destination.ToString() +
               " proto " + std::to_string(connection.ip_protocol) + " port " +
               std::to_string(connection.port));
  const Outcome request = matcher.Trace(From(source, tuple));
  const Outcome reply = matcher.Trace(ReplyFrom(destination, tuple));
  EXPECT_EQ(request.ambiguity, "");
  EXPECT_EQ(reply.ambiguity, "");
  if (!verdict.allowed()) {
    ++census.denied;
    EXPECT_EQ(request.port, std::nullopt);
    EXPECT_EQ(reply.port, std::nullopt);
    EXPECT_FALSE(request.committed) << "refused, and yet an entry in conntrack";
    return;
  }
  ++census.delivered;
  EXPECT_EQ(request.port, Destination(source, destination));
  EXPECT_EQ(reply.port, Destination(destination, source));
  EXPECT_TRUE(request.committed || !request.port);
  EXPECT_FALSE(reply.committed);
  if (!request.port) return;
  // The rules that let it in are remembered for people: some rule if isolated, none if not.
  const auto ingress = static_cast<uint32_t>(request.ct_label.lo);
  const auto egress = static_cast<uint32_t>(request.ct_label.lo >> 32);
  EXPECT_EQ(ingress != 0, verdict.ingress.isolated);
  EXPECT_EQ(egress != 0, verdict.egress.isolated);
}

TEST(FlowVerdictTest, FlowsDecideAsTheEngineDoesInBothDirections) {
  Census census;
  for (uint32_t seed = 0; seed < kSeeds; ++seed) {
    RandomCluster cluster({.seed = seed, .addresses = RandomCluster::Addresses::kUnique});
    DesiredState state(TestNode());
    for (int i = 0; i < kEvents; ++i) Feed(state, cluster.Next());
    const FlowMatcher matcher(state.flows().Flows());
    SCOPED_TRACE("seed " + std::to_string(seed));
    for (int i = 0; i < kConnections; ++i) {
      CheckConnection(state, matcher, cluster.SomeConnection(), census);
    }
    ASSERT_FALSE(testing::Test::HasFailure()) << "seed " << seed;
  }
  EXPECT_GT(census.delivered, 500);
  EXPECT_GT(census.denied, 500);
}

// shop/web and shop/db here, both isolated in both directions.
class IsolatedPods : public testing::Test {
 protected:
  IsolatedPods() {
    web_ = fakes::PodBuilder("shop", "web").Ip("10.0.0.1");
    db_ = fakes::PodBuilder("shop", "db").Ip("10.0.0.2");
    Put(fakes::NamespaceOf("shop"));
    Put(web_);
    Put(db_);
    state_.PutEndpoint(fakes::EndpointOf(web_, {10}));
    state_.PutEndpoint(fakes::EndpointOf(db_, {11}));
  }
  void Put(const store::Object& object) { state_.Apply({fakes::Present(object)}); }
  void Isolate() { Put(fakes::PolicyBuilder("shop", "deny").IsolatesIngress().IsolatesEgress()); }
  Outcome Trace(const Packet& packet) const {
    return FlowMatcher(state_.flows().Flows()).Trace(packet);
  }
  Packet FromWeb(std::string_view to) const {
    const auto* sender = LocalEndpoint(state_, fakes::Ip("10.0.0.1"));
    return From(sender, {fakes::Ip("10.0.0.1"), fakes::Ip(to), ofctl::kProtoTcp, 40000, 80});
  }

  DesiredState state_{TestNode()};
  store::Pod web_;
  store::Pod db_;
};

constexpr char kNodeAddress[] = "10.0.255.254";

TEST_F(IsolatedPods, ReceiveWhatTheNodeItselfSendsAndMayAnswerIt) {
  Isolate();
  Packet probe = From(nullptr, {fakes::Ip(kNodeAddress), fakes::Ip("10.0.0.2"), 6, 40000, 80});
  probe.in_port = ofctl::kPortLocal;
  const Outcome sent = Trace(probe);
  EXPECT_EQ(sent.port, 11u);
  EXPECT_EQ(sent.ct_mark, 1u);
  Packet answer = ReplyFrom(LocalEndpoint(state_, fakes::Ip("10.0.0.2")), probe.ip);
  answer.ct_mark = 1;
  EXPECT_EQ(Trace(answer).port, kGatewayPort);
}

TEST_F(IsolatedPods, GetNothingThatTheNodeMerelyForwards) {
  Isolate();
  const Packet forwarded =
      From(nullptr, {fakes::Ip(kNodeAddress), fakes::Ip("10.0.0.2"), 6, 40000, 80});
  EXPECT_EQ(Trace(forwarded).port, std::nullopt);
}

TEST_F(IsolatedPods, HaveNoWayAroundByAForgedMacDestination) {
  Put(fakes::PolicyBuilder("shop", "deny").Selects({}).IsolatesIngress());
  Packet packet = FromWeb("10.0.0.2");
  packet.eth_destination = TestNode().mac;
  EXPECT_EQ(Trace(packet).port, std::nullopt);
  packet = FromWeb("192.0.2.1");
  packet.eth_destination = store::MacFor(fakes::Ip("10.0.0.2"));
  const Outcome outcome = Trace(packet);
  EXPECT_EQ(outcome.port, kGatewayPort) << "the address decides";
  EXPECT_EQ(outcome.eth_destination, TestNode().mac);
}

TEST_F(IsolatedPods, SendOnlyWhatIsTheirs) {
  Packet packet = FromWeb("10.0.0.2");
  ASSERT_EQ(Trace(packet).port, 11u);
  Packet other_address = packet;
  other_address.ip.source = other_address.original.source = fakes::Ip("10.0.0.3");
  EXPECT_EQ(Trace(other_address).port, std::nullopt);
  Packet other_mac = packet;
  other_mac.eth_source = TestNode().mac;
  EXPECT_EQ(Trace(other_mac).port, std::nullopt);
  Packet v6 = packet;
  v6.ip = v6.original = {fakes::Ip("fe80::1"), fakes::Ip("fd00::2"), 6, 40000, 80};
  EXPECT_EQ(Trace(v6).port, std::nullopt);
}

TEST_F(IsolatedPods, LoseALiveConnectionWithItsPermissionAndGetItBack) {
  const fakes::FiveTuple tuple{fakes::Ip("10.0.0.1"), fakes::Ip("10.0.0.2"), 6, 40000, 80};
  Packet later = FromWeb("10.0.0.2");
  later.ct_state = ofctl::kCtTrk | ofctl::kCtEst;
  const Packet reply = ReplyFrom(LocalEndpoint(state_, fakes::Ip("10.0.0.2")), tuple);
  EXPECT_EQ(Trace(later).port, 11u);
  EXPECT_EQ(Trace(reply).port, 10u);
  Isolate();
  EXPECT_EQ(Trace(later).port, std::nullopt);
  EXPECT_EQ(Trace(reply).port, std::nullopt);
  state_.Apply({fakes::Gone(fakes::PolicyBuilder("shop", "deny"))});
  EXPECT_EQ(Trace(later).port, 11u);
  EXPECT_EQ(Trace(reply).port, 10u);
}

TEST_F(IsolatedPods, AreClosedWithTheirPodObjectGone) {
  ASSERT_EQ(Trace(FromWeb("10.0.0.2")).port, 11u);
  const Packet packet = FromWeb("10.0.0.2");
  state_.Apply({fakes::Gone(web_)});
  EXPECT_EQ(Trace(packet).port, std::nullopt);
}

TEST_F(IsolatedPods, NeverSeeInvalidPackets) {
  Packet packet = FromWeb("10.0.0.2");
  packet.ct_state = ofctl::kCtTrk | ofctl::kCtInv;
  EXPECT_EQ(Trace(packet).port, std::nullopt);
}

}  // namespace
}  // namespace sluice::reconcile
