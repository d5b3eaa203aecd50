#include "agent/policy/address_classes.h"

#include <gtest/gtest.h>

#include <functional>
#include <unordered_map>

#include "ofctl/base/hash.h"
#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using fakes::Block;
using fakes::EndpointOf;
using fakes::Gone;
using fakes::Ip;
using fakes::Is;
using fakes::NamespaceOf;
using fakes::PodBuilder;
using fakes::Prefix;
using fakes::Present;
using fakes::Where;

struct Cluster {
  store::ClusterStore store;
  PredicateTable predicates{store};
  AddressClasses classes{predicates};

  void Apply(const store::StoreDelta& delta) {
    for (const auto& change : delta.pods) {
      if (change.after) Refresh(*change.after);
      if (change.before) Refresh(*change.before);
    }
    for (const auto& ns : delta.namespaces) {
      store.ForEachPodInNamespace(ns, [this](const store::PodState& pod) { Refresh(pod); });
    }
  }
  void Refresh(const store::PodState& pod) {
    for (const IpAddress& ip : pod.ips) classes.Refresh(ip, predicates.Of(ip));
  }
  void Put(const store::Object& object) { Apply(store.Apply(Present(object))); }
  void Delete(const store::Object& object) { Apply(store.Apply(Gone(object))); }
  void Attach(const store::Pod& pod) { Apply(store.PutEndpoint(EndpointOf(pod, {7}))); }
  ClassChanges TakeChanges() {
    ClassChanges changes = classes.TakeChanges();
    predicates.ReuseReleased();
    return changes;
  }
  // After naming what changed.
  ClassId ClassOf(std::string_view address) {
    TakeChanges();
    return classes.ClassOf(Ip(address));
  }
};

Predicate Pods(const std::string& app) {
  return PodPredicate{std::string("shop"), Where({Is("app", app)})};
}

store::Pod Pod(const std::string& name, const std::string& app, std::string_view ip) {
  return PodBuilder("shop", name).Labels({{"app", app}}).Ip(ip);
}

TEST(AddressClassesTest, AddressesThatNoPredicateTellsApartShareAClass) {
  Cluster cluster;
  cluster.Put(Pod("web1", "web", "10.0.0.1"));
  cluster.Put(Pod("web2", "web", "10.0.0.2"));
  cluster.Put(Pod("db", "db", "10.0.0.3"));
  cluster.classes.Acquire(Pods("web"));
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), cluster.ClassOf("10.0.0.2"));
  EXPECT_EQ(cluster.ClassOf("10.0.0.3"), kNoClass);
  EXPECT_EQ(cluster.ClassOf("192.168.0.1"), kNoClass);
  EXPECT_EQ(cluster.classes.Entries().size(), 2u);
}

TEST(AddressClassesTest, APodInABlockSatisfiesTheBlock) {
  Cluster cluster;
  cluster.Put(Pod("web", "web", "10.0.0.1"));
  const PredicateId block = cluster.classes.Acquire(Block("10.0.0.0/8"));
  const PredicateId web = cluster.classes.Acquire(Pods("web"));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.1")), (PredicateSet{block, web}));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.2")), (PredicateSet{block}));
}

TEST(AddressClassesTest, AnExceptIsAMoreSpecificPrefixAndNoDeny) {
  Cluster cluster;
  const PredicateId outer = cluster.classes.Acquire(Block("10.0.0.0/8", {"10.1.0.0/16"}));
  const PredicateId inner = cluster.classes.Acquire(Block("10.1.2.0/24"));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.1")), (PredicateSet{outer}));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.1.0.1")), (PredicateSet{}));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.1.2.1")), (PredicateSet{inner}));
  cluster.TakeChanges();
  EXPECT_EQ(cluster.classes.StampOf(Prefix("10.1.0.0/16")), kNoClass);
}

TEST(AddressClassesTest, ALateDeleteOfAnAddressesFormerOwnerTakesNothing) {
  Cluster cluster;
  cluster.classes.Acquire(Pods("web"));
  cluster.Put(Pod("old", "web", "10.0.0.1"));
  cluster.Put(Pod("new", "web", "10.0.0.1"));
  const ClassId before = cluster.ClassOf("10.0.0.1");
  cluster.Delete(Pod("old", "web", "10.0.0.1"));
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), before);
  EXPECT_NE(before, kNoClass);
}

TEST(AddressClassesTest, AStaleRemotePodLendsALocalOneNoPermission) {
  Cluster cluster;
  cluster.classes.Acquire(Pods("web"));
  cluster.Put(Pod("stale", "web", "10.0.0.1"));
  const store::Pod local = Pod("local", "db", "10.0.0.1");
  cluster.Put(local);
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.Attach(local);
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.Delete(local);
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
}

TEST(AddressClassesTest, SubjectsAreLocalPods) {
  Cluster cluster;
  const store::Pod web = Pod("web", "web", "10.0.0.1");
  cluster.Put(web);
  cluster.classes.Acquire(SubjectPredicate{"shop", {}});
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.Attach(web);
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
}

TEST(AddressClassesTest, ANamespaceMayBeSeenAfterItsPods) {
  Cluster cluster;
  cluster.classes.Acquire(PodPredicate{Where({fakes::Absent("env")}), {}});
  cluster.Put(Pod("web", "web", "10.0.0.1"));
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.Put(NamespaceOf("shop"));
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.Put(NamespaceOf("shop", {{"env", "prod"}}));
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
}

TEST(AddressClassesTest, APredicateThatAllMembersShareRenamesNothing) {
  Cluster cluster;
  for (int i = 1; i <= 50; ++i) {
    cluster.Put(Pod("web" + std::to_string(i), "web", "10.0.0." + std::to_string(i)));
  }
  cluster.classes.Acquire(Pods("web"));
  const ClassId before = cluster.ClassOf("10.0.0.1");
  cluster.classes.Acquire(PodPredicate{std::string("shop"), Where({fakes::Exists("app")})});
  const ClassChanges changes = cluster.TakeChanges();
  EXPECT_TRUE(changes.entries.empty());
  EXPECT_EQ(changes.classes, std::vector<ClassId>{before});
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), before);
}

TEST(AddressClassesTest, ASplitRestampsOnlyOneHalf) {
  Cluster cluster;
  for (int i = 1; i <= 40; ++i) {
    store::Pod pod = Pod("web" + std::to_string(i), "web", "10.0.0." + std::to_string(i));
    if (i <= 4) pod.labels["tier"] = "gold";
    cluster.Put(pod);
  }
  cluster.classes.Acquire(Pods("web"));
  cluster.TakeChanges();
  cluster.classes.Acquire(PodPredicate{std::string("shop"), Where({Is("tier", "gold")})});
  EXPECT_LE(cluster.TakeChanges().entries.size(), 36u);
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), cluster.ClassOf("10.0.0.40"));
}

TEST(AddressClassesTest, PredicatesAreCounted) {
  Cluster cluster;
  cluster.Put(Pod("web", "web", "10.0.0.1"));
  const PredicateId first = cluster.classes.Acquire(Pods("web"));
  EXPECT_EQ(cluster.classes.Acquire(Pods("web")), first);
  cluster.classes.Release(first);
  EXPECT_NE(cluster.ClassOf("10.0.0.1"), kNoClass);
  cluster.classes.Release(first);
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
  EXPECT_EQ(cluster.classes.entry_count(), 0u);
}

// Two predicates of one policy go in one step, with no look in between.
TEST(AddressClassesTest, SeveralPredicatesMayBeReleasedAtOnce) {
  Cluster cluster;
  store::Pod both = Pod("both", "web", "10.0.0.1");
  both.labels["tier"] = "gold";
  cluster.Put(both);
  cluster.Put(Pod("web", "web", "10.0.0.2"));
  const PredicateId gold =
      cluster.classes.Acquire(PodPredicate{std::string("shop"), Where({Is("tier", "gold")})});
  const PredicateId web = cluster.classes.Acquire(Pods("web"));
  cluster.TakeChanges();
  cluster.classes.Release(gold);
  cluster.classes.Release(web);
  EXPECT_EQ(cluster.ClassOf("10.0.0.1"), kNoClass);
  EXPECT_EQ(cluster.ClassOf("10.0.0.2"), kNoClass);
  EXPECT_LE(cluster.classes.class_count(), 1u);
}

// Ids of predicates are used again, but not before the classes that list them are gone.
TEST(AddressClassesTest, APredicateMayTakeAnothersPlaceAtOnce) {
  Cluster cluster;
  cluster.Put(Pod("web", "web", "10.0.0.1"));
  cluster.Put(Pod("db", "db", "10.0.0.2"));
  PredicateId last = cluster.classes.Acquire(Pods("web"));
  for (int round = 0; round < 4; ++round) {
    if (round % 2 == 0) cluster.TakeChanges();
    for (const auto& [app, own, other] :
         {std::tuple("db", "10.0.0.2", "10.0.0.1"), std::tuple("web", "10.0.0.1", "10.0.0.2")}) {
      cluster.classes.Release(last);
      last = cluster.classes.Acquire(Pods(app));
      EXPECT_EQ(cluster.classes.PredicatesOf(Ip(own)), PredicateSet{last});
      EXPECT_EQ(cluster.classes.PredicatesOf(Ip(other)), PredicateSet{});
    }
  }
  cluster.TakeChanges();
  EXPECT_EQ(cluster.classes.Entries().size(), 1u);
  EXPECT_EQ(cluster.classes.class_count(), 1u);
}

// Somebody else holds it meanwhile, so that it keeps its id; and the class that its release has
// emptied is still there.
TEST(AddressClassesTest, APredicateMayComeBackAtOnceForMoreThanBefore) {
  Cluster cluster;
  cluster.Put(Pod("web", "web", "10.0.0.1"));
  cluster.Put(Pod("other", "db", "10.0.0.2"));
  const PredicateId web = cluster.predicates.Acquire(Pods("web"));
  const PredicateId every = cluster.classes.Acquire(PodPredicate{std::string("shop"), {}});
  cluster.classes.Acquire(web);
  cluster.TakeChanges();
  cluster.classes.Release(web);
  cluster.Put(Pod("other", "web", "10.0.0.2"));
  cluster.classes.Acquire(web);
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.1")), (PredicateSet{web, every}));
  EXPECT_EQ(cluster.ClassOf("10.0.0.2"), cluster.ClassOf("10.0.0.1"));
  EXPECT_EQ(cluster.classes.class_count(), 1u);
}

// Two pods claim one address, then one of them lets go.
TEST(AddressClassesTest, ASharedAddressHasWhatAllItsPodsHave) {
  Cluster cluster;
  const store::Pod web = Pod("web", "web", "10.0.0.1");
  const store::Pod db = Pod("db", "db", "10.0.0.1");
  cluster.Put(web);
  const PredicateId of_web = cluster.classes.Acquire(Pods("web"));
  cluster.Put(db);
  const PredicateId of_db = cluster.classes.Acquire(Pods("db"));
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.1")), (PredicateSet{of_web, of_db}));
  cluster.classes.Release(of_web);
  EXPECT_EQ(cluster.classes.PredicatesOf(Ip("10.0.0.1")), PredicateSet{of_db});
  cluster.Delete(db);
  EXPECT_EQ(cluster.classes.entry_count(), 0u);
}

// The hash that names a class, as address_classes.cc has it: a change of it renames every class
// of every node at an upgrade, and should be meant.
uint32_t SlotOf(const Cidr& prefix) {
  const auto& bytes = prefix.network().bytes();
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const uint64_t tail = uint64_t{4} << 8 | prefix.length();
  return static_cast<uint32_t>(CombineHash(StableHash(view), tail) % kClassIdSlots);
}

std::pair<IpAddress, IpAddress> CollidingAddresses() {
  std::unordered_map<uint32_t, IpAddress> by_slot;
  for (uint32_t i = 1;; ++i) {
    const IpAddress address = IpAddress::FromV4(0x0a000000 + i);
    const auto [known, fresh] = by_slot.try_emplace(SlotOf(Cidr::Host(address)), address);
    if (!fresh) return {known->second, address};
  }
}

TEST(AddressClassesTest, ClassesWhoseNamesCollideKeepTheirOwnIdsInAnyOrder) {
  const auto [one, other] = CollidingAddresses();
  const store::Pod web = Pod("web", "web", one.ToString());
  const store::Pod db = Pod("db", "db", other.ToString());
  std::map<Cidr, ClassId> expected;
  for (const bool web_first : {true, false}) {
    for (const bool detour : {true, false}) {
      Cluster cluster;
      cluster.classes.Acquire(Pods("web"));
      cluster.classes.Acquire(Pods("db"));
      cluster.Put(web_first ? web : db);
      cluster.TakeChanges();
      cluster.Put(web_first ? db : web);
      if (detour) {
        cluster.TakeChanges();
        cluster.Delete(web_first ? web : db);
        const ClassChanges changes = cluster.TakeChanges();
        // Who stays may move into the freed slot, and then has to be stamped anew.
        EXPECT_EQ(cluster.classes.Entries().size(), 1u);
        EXPECT_EQ(cluster.classes.Entries().begin()->second.value, SlotOf(Cidr::Host(one)) + 1);
        EXPECT_FALSE(changes.entries.empty());
        cluster.Put(web_first ? web : db);
      }
      cluster.TakeChanges();
      if (expected.empty()) expected = cluster.classes.Entries();
      EXPECT_EQ(cluster.classes.Entries(), expected);
      ASSERT_EQ(expected.size(), 2u);
      EXPECT_NE(expected.begin()->second, expected.rbegin()->second);
      for (const auto& [prefix, id] : expected) {
        EXPECT_EQ(cluster.classes.PredicatesOfClass(id)->size(), 1u);
      }
    }
  }
}

// The same, when the slot is freed because its class joins the class without predicates.
TEST(AddressClassesTest, ADisplacedNameThatIsReleasedInTheSameStepIsForgotten) {
  const auto [one, other] = CollidingAddresses();
  Cluster cluster;
  cluster.Put(Pod("web", "web", one.ToString()));
  cluster.Put(Pod("db", "db", other.ToString()));
  const PredicateId web = cluster.classes.Acquire(Pods("web"));
  const PredicateId db = cluster.classes.Acquire(Pods("db"));
  cluster.TakeChanges();
  cluster.classes.Release(web);
  cluster.classes.Release(db);
  cluster.TakeChanges();
  EXPECT_TRUE(cluster.classes.Entries().empty());
}

}  // namespace
}  // namespace sluice::policy
