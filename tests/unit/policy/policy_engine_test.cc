#include "agent/policy/policy_engine.h"

#include <gtest/gtest.h>

#include "ofctl/field.h"
#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::EndpointOf;
using fakes::Gone;
using fakes::Ip;
using fakes::Is;
using fakes::NamespaceOf;
using fakes::NotIn;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;
using store::Protocol;

constexpr char kWeb[] = "10.0.0.1";
constexpr char kDb[] = "10.0.0.2";
constexpr char kOutside[] = "192.0.2.1";

// shop/web and shop/db on this node; namespace known.
struct Shop {
  store::ClusterStore store;
  PolicyEngine engine{store};

  Shop() {
    Put(NamespaceOf("shop"));
    const store::Pod web = PodBuilder("shop", "web").Labels({{"app", "web"}}).Ip(kWeb);
    const store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip(kDb);
    Put(web);
    Put(db);
    engine.Apply(store.PutEndpoint(EndpointOf(web, {1})));
    engine.Apply(store.PutEndpoint(EndpointOf(db, {2})));
  }
  void Put(const store::Object& object) { engine.Apply(store.Apply(Present(object))); }
  void Delete(const store::Object& object) { engine.Apply(store.Apply(Gone(object))); }
  bool Allows(const std::string& from, const std::string& to, uint16_t port = 80,
              uint8_t protocol = ofctl::kProtoTcp) const {
    return engine.Judge({Ip(from), Ip(to), protocol, port}).allowed();
  }
};

TEST(PolicyEngineTest, WithoutPoliciesEverythingIsAllowed) {
  const Shop shop;
  EXPECT_TRUE(shop.Allows(kOutside, kDb));
  EXPECT_TRUE(shop.Allows(kWeb, kOutside));
  EXPECT_FALSE(shop.engine.Judge({Ip(kWeb), Ip(kDb), 6, 80}).egress.isolated);
}

TEST(PolicyEngineTest, IsolationIsPerDirection) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "deny").Selects({Is("app", "db")}).IsolatesIngress());
  EXPECT_FALSE(shop.Allows(kWeb, kDb));
  EXPECT_TRUE(shop.Allows(kDb, kWeb));
  shop.Put(PolicyBuilder("shop", "deny").Selects({Is("app", "db")}).IsolatesEgress());
  EXPECT_TRUE(shop.Allows(kWeb, kDb));
  EXPECT_FALSE(shop.Allows(kDb, kWeb));
}

TEST(PolicyEngineTest, PoliciesAreAUnion) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "deny").IsolatesIngress());
  shop.Put(PolicyBuilder("shop", "one")
               .Selects({Is("app", "db")})
               .Ingress(RuleBuilder().Pods({Is("app", "web")}).Tcp(80)));
  shop.Put(PolicyBuilder("shop", "two")
               .Selects({Is("app", "db")})
               .Ingress(RuleBuilder().Block("192.0.2.0/24").Tcp(81)));
  EXPECT_TRUE(shop.Allows(kWeb, kDb, 80));
  EXPECT_TRUE(shop.Allows(kOutside, kDb, 81));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 81));  // no cross product
  EXPECT_FALSE(shop.Allows(kOutside, kDb, 80));
  shop.Delete(PolicyBuilder("shop", "one"));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 80));
  EXPECT_TRUE(shop.Allows(kOutside, kDb, 81));
}

TEST(PolicyEngineTest, BothSidesMustAllow) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "in")
               .Selects({Is("app", "db")})
               .Ingress(RuleBuilder().Pods({Is("app", "web")})));
  shop.Put(PolicyBuilder("shop", "out").Selects({Is("app", "web")}).IsolatesEgress());
  const Verdict verdict = shop.engine.Judge({Ip(kWeb), Ip(kDb), 6, 80});
  EXPECT_FALSE(verdict.egress.allowed());
  EXPECT_TRUE(verdict.ingress.allowed());
  EXPECT_FALSE(verdict.allowed());
}

// Found by sluice-fuzz: both selectors had one text, and so the rule of np-open was taken
// for one of every pod that np-deny selects.
TEST(PolicyEngineTest, AnEmptyLabelValueIsAValue) {
  Shop shop;
  shop.Put(PodBuilder("shop", "db").Labels({{"tier", ""}}).Ip(kDb));
  shop.Put(PolicyBuilder("shop", "np-deny").Selects({NotIn("tier", {"y"})}).IsolatesIngress());
  shop.Put(
      PolicyBuilder("shop", "np-open").Selects({NotIn("tier", {"", "y"})}).Ingress(RuleBuilder()));
  EXPECT_TRUE(shop.Allows(kOutside, kWeb));
  EXPECT_FALSE(shop.Allows(kOutside, kDb));
}

TEST(PolicyEngineTest, AnUpdateKeepsWhatBothVersionsSay) {
  Shop shop;
  const RuleBuilder kept = RuleBuilder().Pods({Is("app", "web")}).Tcp(80);
  shop.Put(PolicyBuilder("shop", "p").Selects({Is("app", "db")}).Ingress(kept));
  shop.engine.TakeChanges();
  shop.Put(PolicyBuilder("shop", "p")
               .Selects({Is("app", "db")})
               .Ingress(kept)
               .Ingress(RuleBuilder().Block("192.0.2.0/24").Tcp(80)));
  EXPECT_TRUE(shop.Allows(kWeb, kDb));
  EXPECT_TRUE(shop.Allows(kOutside, kDb));
  const PolicyChanges changes = shop.engine.TakeChanges();
  EXPECT_EQ(changes.directions[0].rules.size(), 1u);  // only the new one
}

TEST(PolicyEngineTest, AVerdictNamesARuleThatAllowsIt) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "p").Selects({Is("app", "db")}).Ingress({}));
  const Verdict verdict = shop.engine.Judge({Ip(kOutside), Ip(kDb), 1, 0});
  ASSERT_TRUE(verdict.ingress.rule.has_value());
  const auto origins =
      shop.engine.rules(store::Direction::kIngress).OriginsOf(*verdict.ingress.rule);
  EXPECT_EQ(origins.begin()->ToString(), "shop/p ingress[0]");
}

TEST(PolicyEngineTest, ARemotePodIsNoSubjectHere) {
  Shop shop;
  shop.Put(PodBuilder("shop", "far").Labels({{"app", "db"}}).Ip("10.0.9.9"));
  shop.Put(PolicyBuilder("shop", "deny").IsolatesIngress().IsolatesEgress());
  EXPECT_FALSE(shop.engine.Judge({Ip(kOutside), Ip("10.0.9.9"), 6, 80}).ingress.isolated);
  EXPECT_TRUE(shop.engine.Judge({Ip(kOutside), Ip(kDb), 6, 80}).ingress.isolated);
}

TEST(PolicyEngineTest, RulesExistOnlyWhereTheyHaveASubject) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "p").Selects({Is("app", "none")}).Ingress(RuleBuilder().Pods({})));
  shop.Put(PolicyBuilder("elsewhere", "p").Ingress(RuleBuilder().Pods({})));
  EXPECT_EQ(shop.engine.rules(store::Direction::kIngress).size(), 0u);
  shop.Put(PodBuilder("shop", "db").Labels({{"app", "none"}}).Ip(kDb));
  EXPECT_EQ(shop.engine.rules(store::Direction::kIngress).size(), 1u);
  shop.Put(PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip(kDb));
  EXPECT_EQ(shop.engine.rules(store::Direction::kIngress).size(), 0u);
}

TEST(PolicyEngineTest, ANamedPortHasTheNumberOfItsDestination) {
  Shop shop;
  const auto pod = [](const char* name, const char* ip, uint16_t number) {
    return PodBuilder("shop", name).Ip(ip).Port({"http", Protocol::kTcp, number});
  };
  const store::Pod one = pod("one", "10.0.0.11", 8080);
  shop.Put(one);
  shop.Put(pod("far", "10.0.9.9", 9090));
  shop.engine.Apply(shop.store.PutEndpoint(EndpointOf(one, {3})));
  shop.Put(PolicyBuilder("shop", "in").Ingress(RuleBuilder().Named("http")));
  shop.Put(
      PolicyBuilder("shop", "out").Selects({Is("app", "web")}).Egress(RuleBuilder().Named("http")));
  EXPECT_TRUE(shop.Allows(kDb, "10.0.0.11", 8080));
  EXPECT_FALSE(shop.Allows(kDb, "10.0.0.11", 9090));  // another pod's number
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 8080));         // db defines no such name
  EXPECT_TRUE(shop.Allows(kWeb, "10.0.9.9", 9090));
  EXPECT_FALSE(shop.Allows(kWeb, "10.0.9.9", 8080));
  EXPECT_FALSE(shop.Allows(kWeb, kOutside, 9090));  // only pods have named ports
  EXPECT_FALSE(shop.Allows(kWeb, "10.0.9.9", 9090, ofctl::kProtoUdp));

  shop.Put(pod("far", "10.0.9.9", 7070));
  EXPECT_FALSE(shop.Allows(kWeb, "10.0.9.9", 9090));
  EXPECT_TRUE(shop.Allows(kWeb, "10.0.9.9", 7070));
}

TEST(PolicyEngineTest, ANamedPortInABlockIsAPodsThere) {
  Shop shop;
  shop.Put(
      PodBuilder("shop", "in").Ip("10.0.9.9").Ip("fd00::9").Port({"http", Protocol::kTcp, 80}));
  shop.Put(PodBuilder("shop", "excepted").Ip("10.0.8.8").Port({"http", Protocol::kTcp, 80}));
  shop.Put(PolicyBuilder("shop", "out")
               .Egress(RuleBuilder().Block("10.0.0.0/8", {"10.0.8.0/24"}).Named("http")));
  EXPECT_TRUE(shop.Allows(kWeb, "10.0.9.9", 80));
  EXPECT_FALSE(shop.Allows(kWeb, "fd00::9", 80));   // its other address is not in the block
  EXPECT_FALSE(shop.Allows(kWeb, "10.0.8.8", 80));  // in the except
  EXPECT_FALSE(shop.Allows(kWeb, "10.0.7.7", 80));  // nobody's address
}

TEST(PolicyEngineTest, APortNumberThatStaysChangesNothing) {
  Shop shop;
  const auto pod = [](const char* name, const char* ip) {
    return PodBuilder("shop", name).Ip(ip).Port({"http", Protocol::kTcp, 80});
  };
  shop.Put(pod("one", "10.0.9.1"));
  shop.Put(PolicyBuilder("shop", "out").Egress(RuleBuilder().Named("http")));
  shop.engine.TakeChanges();
  shop.Put(pod("two", "10.0.9.2"));
  const PolicyChanges changes = shop.engine.TakeChanges();
  EXPECT_TRUE(changes.directions[1].rules.empty());
  EXPECT_TRUE(changes.directions[1].services.empty());
}

TEST(PolicyEngineTest, BlocksAreOfTheirFamily) {
  Shop shop;
  const store::Pod dual =
      PodBuilder("shop", "dual").Labels({{"app", "dual"}}).Ip("10.0.0.12").Ip("fd00::12");
  shop.Put(dual);
  shop.engine.Apply(shop.store.PutEndpoint(EndpointOf(dual, {4})));
  shop.Put(PolicyBuilder("shop", "p")
               .Selects({Is("app", "dual")})
               .Ingress(RuleBuilder().Block("0.0.0.0/0").Tcp(80))
               .Ingress(RuleBuilder().Block("fd00::/16", {"fd00::100/120"}).Tcp(81)));
  EXPECT_TRUE(shop.Allows(kOutside, "10.0.0.12", 80));
  EXPECT_FALSE(shop.Allows("fd00::1", "fd00::12", 80));
  EXPECT_TRUE(shop.Allows("fd00::1", "fd00::12", 81));
  EXPECT_FALSE(shop.Allows("fd00::101", "fd00::12", 81));
  EXPECT_FALSE(shop.Allows(kOutside, "10.0.0.12", 81));
}

TEST(PolicyEngineTest, PortsAreOfTheirProtocol) {
  Shop shop;
  shop.Put(PolicyBuilder("shop", "p")
               .Selects({Is("app", "db")})
               .Ingress(RuleBuilder().Tcp(80).TcpRange({8000, 8010}).Every(Protocol::kUdp)));
  EXPECT_TRUE(shop.Allows(kWeb, kDb, 80));
  EXPECT_TRUE(shop.Allows(kWeb, kDb, 8010));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 8011));
  EXPECT_TRUE(shop.Allows(kWeb, kDb, 9, ofctl::kProtoUdp));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 80, ofctl::kProtoSctp));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 0, ofctl::kProtoIcmp));
  shop.Put(PolicyBuilder("shop", "q")
               .Selects({Is("app", "db")})
               .Ingress(RuleBuilder().Port({Protocol::kSctp, uint16_t{7777}, {}})));
  EXPECT_TRUE(shop.Allows(kWeb, kDb, 7777, ofctl::kProtoSctp));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 7778, ofctl::kProtoSctp));
  EXPECT_FALSE(shop.Allows(kWeb, kDb, 7777));
}

}  // namespace
}  // namespace sluice::policy
