#include "agent/policy/subjects.h"

#include <gmock/gmock.h>

#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::Exists;
using fakes::Is;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const store::ObjectKey kFirst{"shop", "first"};
const store::ObjectKey kSecond{"shop", "second"};

store::Pod Web(const std::string& name) {
  return PodBuilder("shop", name).Labels({{"app", "web"}}).Ip("10.0.0.1");
}
store::NetworkPolicy Selecting(const store::ObjectKey& key, fakes::Requirements pods) {
  return PolicyBuilder(key.ns, key.name).Selects(std::move(pods)).IsolatesIngress();
}

class SubjectsTest : public testing::Test {
 protected:
  Subjects::Turned Follow(const store::StoreDelta& delta) {
    Subjects::Turned all;
    for (const store::PodChange& change : delta.pods) {
      for (auto& key : subjects_.OnPodChanged(change).in) all.in.push_back(key);
    }
    return all;
  }
  Subjects::Turned Leave(const store::StoreDelta& delta) {
    Subjects::Turned all;
    for (const store::PodChange& change : delta.pods) {
      for (auto& key : subjects_.OnPodChanged(change).out) all.out.push_back(key);
    }
    return all;
  }
  Subjects::Turned Attach(const store::Pod& pod) {
    Follow(store_.Apply(Present(pod)));
    return Follow(store_.PutEndpoint(fakes::EndpointOf(pod, {7})));
  }

  store::ClusterStore store_;
  PredicateTable predicates_{store_};
  Subjects subjects_{predicates_};
};

TEST_F(SubjectsTest, APolicySelectsPodsOfThisNodeThatWereThereBefore) {
  Attach(Web("a"));
  store_.Apply(Present(PodBuilder("shop", "remote").Labels({{"app", "api"}}).Ip("10.0.0.2")));
  EXPECT_TRUE(subjects_.Insert(Selecting(kFirst, {Is("app", "web")})));
  EXPECT_FALSE(subjects_.Insert(Selecting(kSecond, {Is("app", "api")})));
  EXPECT_FALSE(subjects_.Insert(Selecting({"other", "x"}, {Is("app", "web")})));
}

TEST_F(SubjectsTest, TheFirstPodTurnsAllPoliciesOfItsSelectorIn) {
  subjects_.Insert(Selecting(kFirst, {Is("app", "web")}));
  subjects_.Insert(Selecting(kSecond, {Is("app", "web")}));
  subjects_.Insert(Selecting({"shop", "third"}, {Exists("app")}));
  subjects_.Insert(Selecting({"shop", "fourth"}, {Exists("tier")}));
  EXPECT_THAT(Attach(Web("a")).in,
              UnorderedElementsAre(kFirst, kSecond, store::ObjectKey{"shop", "third"}));
  EXPECT_THAT(Attach(Web("b")).in, IsEmpty());
}

TEST_F(SubjectsTest, TheLastPodTurnsThemOut) {
  subjects_.Insert(Selecting(kFirst, {Is("app", "web")}));
  Attach(Web("a"));
  Attach(Web("b"));
  EXPECT_THAT(Leave(store_.RemoveEndpoint({"shop-a", "eth0"})).out, IsEmpty());
  EXPECT_THAT(Leave(store_.Apply(fakes::Gone(Web("b")))).out, UnorderedElementsAre(kFirst));
}

TEST_F(SubjectsTest, ARelabelledPodMovesFromOneToTheOther) {
  subjects_.Insert(Selecting(kFirst, {Is("app", "web")}));
  subjects_.Insert(Selecting(kSecond, {Is("app", "api")}));
  Attach(Web("a"));
  const store::StoreDelta delta =
      store_.Apply(Present(PodBuilder("shop", "a").Labels({{"app", "api"}}).Ip("10.0.0.1")));
  ASSERT_EQ(delta.pods.size(), 1u);
  const Subjects::Turned turned = subjects_.OnPodChanged(delta.pods.front());
  EXPECT_THAT(turned.in, UnorderedElementsAre(kSecond));
  EXPECT_THAT(turned.out, UnorderedElementsAre(kFirst));
}

TEST_F(SubjectsTest, AnErasedPolicyIsNoLongerTold) {
  subjects_.Insert(Selecting(kFirst, {Is("app", "web")}));
  subjects_.Insert(Selecting(kSecond, {Is("app", "web")}));
  subjects_.Erase(Selecting(kFirst, {Is("app", "web")}));
  EXPECT_THAT(Attach(Web("a")).in, UnorderedElementsAre(kSecond));
  subjects_.Erase(Selecting(kSecond, {Is("app", "web")}));
  EXPECT_THAT(Leave(store_.Apply(fakes::Gone(Web("a")))).out, IsEmpty());
}

}  // namespace
}  // namespace sluice::policy
