#include "agent/policy/predicate_table.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::Block;
using fakes::EndpointOf;
using fakes::Ip;
using fakes::Is;
using fakes::PodBuilder;
using fakes::Present;
using fakes::Where;

store::Pod Web(const std::string& name, std::string_view ip) {
  return PodBuilder("shop", name).Labels({{"app", "web"}}).Ip(ip);
}

const Predicate kSubject = SubjectPredicate{"shop", Where({Is("app", "web")})};
const Predicate kPeer = PodPredicate{std::string("shop"), Where({Is("app", "web")})};

struct Table {
  store::ClusterStore store;
  PredicateTable predicates{store};
};

TEST(PredicateTableTest, EqualPredicatesHaveOneIdUntilTheLastReference) {
  Table table;
  const PredicateId subject = table.predicates.Acquire(kSubject);
  EXPECT_EQ(table.predicates.Acquire(kSubject), subject);
  EXPECT_NE(table.predicates.Acquire(kPeer), subject);
  EXPECT_EQ(table.predicates.At(subject), kSubject);
  table.predicates.Release(subject);
  EXPECT_EQ(table.predicates.Find(kSubject), subject);
  table.predicates.Release(subject);
  EXPECT_EQ(table.predicates.Find(kSubject), std::nullopt);
}

// Classes that are on their way out may still list it.
TEST(PredicateTableTest, AReleasedIdNamesNoOtherBeforeItIsSaidToBeFree) {
  Table table;
  const PredicateId released = table.predicates.Acquire(kSubject);
  table.predicates.Release(released);
  const PredicateId next = table.predicates.Acquire(kSubject);
  EXPECT_NE(next, released);
  table.predicates.ReuseReleased();
  EXPECT_EQ(table.predicates.Acquire(kPeer), released);
}

TEST(PredicateTableTest, AnAddressHasWhatHoldsForItsPodsAndNoBlocks) {
  Table table;
  table.store.Apply(Present(Web("remote", "10.0.0.1")));
  const store::Pod local = Web("local", "10.0.0.2");
  table.store.Apply(Present(local));
  table.store.PutEndpoint(EndpointOf(local, {7}));
  const PredicateId subject = table.predicates.Acquire(kSubject);
  const PredicateId peer = table.predicates.Acquire(kPeer);
  table.predicates.Acquire(Block("10.0.0.0/8"));
  const auto of_remote = table.predicates.Of(Ip("10.0.0.1"));
  EXPECT_EQ(of_remote.holding, PredicateSet{peer});
  EXPECT_FALSE(of_remote.any_local);
  const auto of_local = table.predicates.Of(Ip("10.0.0.2"));
  EXPECT_EQ(of_local.holding, (PredicateSet{subject, peer}));
  EXPECT_TRUE(of_local.any_local);
  EXPECT_EQ(of_local.pods, 1u);
  EXPECT_EQ(table.predicates.Of(Ip("10.0.0.3")).pods, 0u);
  EXPECT_EQ(table.predicates.CountLocal(subject), 1u);
}

// Of the pods that it holds for, forwards and backwards.
TEST(PredicateTableTest, FindsPodsByPredicateAndPredicatesByPod) {
  Table table;
  const store::Pod local = Web("local", "10.0.0.2");
  table.store.Apply(Present(Web("remote", "10.0.0.1")));
  table.store.Apply(Present(local));
  table.store.PutEndpoint(EndpointOf(local, {7}));
  const PredicateId subject = table.predicates.Acquire(kSubject);
  const PredicateId peer = table.predicates.Acquire(kPeer);
  std::set<std::string> subjects;
  std::set<std::string> peers;
  const auto name_into = [](std::set<std::string>& names) {
    return [&names](const store::PodState& pod) { names.insert(pod.key.name); };
  };
  table.predicates.ForEachPodOf(subject, name_into(subjects));
  table.predicates.ForEachPodOf(peer, name_into(peers));
  EXPECT_EQ(subjects, (std::set<std::string>{"local"}));
  EXPECT_EQ(peers, (std::set<std::string>{"local", "remote"}));
  std::set<PredicateId> selecting;
  table.predicates.ForEachSubjectOf(*table.store.FindPod({"shop", "local"}),
                                    [&](PredicateId id) { selecting.insert(id); });
  table.predicates.ForEachSubjectOf(*table.store.FindPod({"shop", "remote"}),
                                    [&](PredicateId id) { selecting.insert(id); });
  EXPECT_EQ(selecting, (std::set<PredicateId>{subject}));
}

}  // namespace
}  // namespace sluice::policy
