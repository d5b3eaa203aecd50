#include "agent/object_events.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice {
namespace {

using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;
using store::ObjectKind;
using testing::HasSubstr;
using testing::SizeIs;

kube::ObjectRef Ref(ObjectKind kind, const store::ObjectKey& key) {
  return {.kind = kind, .key = key, .uid = "", .resource_version = ""};
}

class ObjectEventsTest : public testing::Test {
 protected:
  ObjectEventsTest() {
    desired_.Apply({Present(fakes::NamespaceOf("shop")), Present(db_)});
    desired_.PutEndpoint(fakes::EndpointOf(db_, OfPort{2}));
  }
  const store::Pod db_ = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.244.0.2");
  reconcile::DesiredState desired_{
      {.gateway = OfPort{1}, .mac = MacAddress(), .addresses = {fakes::Ip("10.244.0.1")}}};
};

TEST_F(ObjectEventsTest, OnlyWhatAPodOfThisNodeDependsOnConcernsIt) {
  const store::ClusterStore& store = desired_.store();
  EXPECT_TRUE(ConcernsThisNode(Ref(ObjectKind::kNetworkPolicy, {"shop", "any"}), store));
  EXPECT_TRUE(ConcernsThisNode(Ref(ObjectKind::kNamespace, {"", "shop"}), store));
  EXPECT_TRUE(ConcernsThisNode(Ref(ObjectKind::kPod, {"shop", "db"}), store));
  EXPECT_FALSE(ConcernsThisNode(Ref(ObjectKind::kNetworkPolicy, {"other", "any"}), store));
  EXPECT_FALSE(ConcernsThisNode(Ref(ObjectKind::kNamespace, {"", "other"}), store));
  EXPECT_FALSE(ConcernsThisNode(Ref(ObjectKind::kPod, {"shop", "elsewhere"}), store));
}

TEST_F(ObjectEventsTest, ARuleThatTheSwitchRefusesIsToldOnItsPolicy) {
  const store::NetworkPolicy policy =
      PolicyBuilder("shop", "guard")
          .Selects({Is("app", "db")})
          .Ingress(RuleBuilder().Pods({Is("app", "api")}).Tcp(5432));
  desired_.Apply({Present(policy)});
  const auto rules = desired_.policy().rules(store::Direction::kIngress).Ids();
  ASSERT_THAT(rules, SizeIs(1));

  const auto events =
      EventsOfQuarantine(pipeline::RuleOwner(store::Direction::kIngress, *rules.begin()), desired_);
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].object.key, (store::ObjectKey{"shop", "guard"}));
  EXPECT_THAT(events[0].message, HasSubstr("shop/guard ingress[0]"));
}

}  // namespace
}  // namespace sluice
