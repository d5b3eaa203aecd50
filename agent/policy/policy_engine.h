// PolicyEngine: every NetworkPolicy that selects a pod of this node, as classes and rules, kept up
// to date event by event; and the verdict for any connection. Pure.
//
//   egress:  subjects are sources,      peers are destinations
//   ingress: subjects are destinations, peers are sources
#pragma once

#include <array>
#include <boost/container/small_vector.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/policy/address_classes.h"
#include "agent/policy/by_predicate.h"
#include "agent/policy/named_ports.h"
#include "agent/policy/policy_compiler.h"
#include "agent/policy/rule_table.h"
#include "agent/policy/subjects.h"
#include "agent/store/cluster_store.h"
#include "agent/store/owned_set.h"

namespace sluice::policy {

enum class Side : uint8_t { kSource, kDestination };

constexpr Side SubjectSide(store::Direction direction) {
  return direction == store::Direction::kEgress ? Side::kSource : Side::kDestination;
}
constexpr Side PeerSide(store::Direction direction) {
  return direction == store::Direction::kEgress ? Side::kDestination : Side::kSource;
}

// The original tuple of a connection, as conntrack keeps it.
struct Connection {
  IpAddress source;
  IpAddress destination;
  uint8_t ip_protocol = 0;
  uint16_t port = 0;  // of the destination; 0 if the protocol has none
};

// What one direction says of a connection.
struct DirectionVerdict {
  bool isolated = false;       // false: no policy selects the subject in this direction
  std::optional<RuleId> rule;  // the rule that allows it, if isolated
  bool allowed() const { return !isolated || rule.has_value(); }
};

struct Verdict {
  DirectionVerdict egress;   // of the source
  DirectionVerdict ingress;  // of the destination
  bool allowed() const { return egress.allowed() && ingress.allowed(); }
};

// What the renderer has to look at again: sorted, unique. Ids may name things that are gone.
struct PolicyChanges {
  struct OfSide {
    std::vector<Cidr> entries;
    std::vector<ClassId> classes;
  };
  struct OfDirection {
    std::vector<RuleId> rules;
    std::vector<ServiceMatch> services;
  };
  std::array<OfSide, 2> sides;            // by Side
  std::array<OfDirection, 2> directions;  // by store::Direction
};

class PolicyEngine {
 public:
  // `store` must outlive the engine. Each delta has to be applied before the store changes again.
  explicit PolicyEngine(const store::ClusterStore& store);

  void Apply(const store::StoreDelta& delta);
  PolicyChanges TakeChanges();

  Verdict Judge(const Connection& connection) const;

  const AddressClasses& classes(Side side) const { return classes_[Index(side)]; }
  const RuleTable& rules(store::Direction direction) const { return rules_[Index(direction)]; }
  // Whether some policy isolates the subjects of the predicate in the direction.
  bool Isolates(store::Direction direction, PredicateId subject) const;
  // The rule in words, for people. It must be there.
  std::string WordsOf(store::Direction direction, RuleId id) const;

 private:
  struct ActiveRule {
    RuleTable::Handle rule;
    size_t index = 0;  // in the policy
    friend bool operator==(const ActiveRule&, const ActiveRule&) = default;
  };
  struct ActiveDirection {
    store::Direction direction;
    PredicateId subject;
    boost::container::small_vector<ActiveRule, 1> rules;
    std::vector<PortName> named_ports;
  };
  // One for each direction in which the policy isolates.
  using Active = boost::container::small_vector<ActiveDirection, 1>;
  struct ActivePolicy {
    store::ObjectKey key;
    Active active;
  };
  struct ByKey {
    static const store::ObjectKey& KeyOf(const ActivePolicy& policy) { return policy.key; }
    static uint64_t HashOf(const store::ObjectKey& key) { return store::ObjectKeyHash()(key); }
  };

  static size_t Index(Side side) { return static_cast<size_t>(side); }
  static size_t Index(store::Direction direction) { return static_cast<size_t>(direction); }

  // Those the pod had and those it has.
  void RefreshAddresses(const store::PodChange& change);
  void Refresh(const IpAddress& address);
  void TrackLocalPod(const store::PodChange& change);
  void OnPolicyChanged(const store::PolicyChange& change);
  // Rules made for the numbers that port names had follow those they have now.
  void FollowNamedPorts();
  const store::NetworkPolicy& KnownPolicy(const store::ObjectKey& key) const;
  void SetActive(const store::ObjectKey& key, const store::NetworkPolicy* policy);
  Active Activate(const store::NetworkPolicy& policy);
  void Deactivate(const store::ObjectKey& key, const Active& active);
  static void KeepShared(Active& gone, const Active& after);
  // `subject` is what the policy selects.
  RuleTable::Handle AddRule(store::Direction direction, PredicateId subject,
                            const CompiledRule& compiled, const RuleOrigin& origin);
  void ReleaseRule(store::Direction direction, const Rule& rule);
  DirectionVerdict JudgeDirection(store::Direction direction, const Connection& connection) const;

  const store::ClusterStore& store_;  // borrowed
  PredicateTable predicates_;
  std::array<AddressClasses, 2> classes_;
  std::array<RuleTable, 2> rules_;
  std::array<ByPredicate<uint32_t>, 2> isolating_;  // by direction: policies a subject
  std::array<std::vector<PredicateId>, 2> isolation_changed_;
  Subjects subjects_;
  store::OwnedSet<std::unique_ptr<ActivePolicy>, ByKey> active_;
  NamedPorts named_ports_;
  std::map<PortName, std::set<store::ObjectKey>> named_by_;  // active policies whose rules name it
};

}  // namespace sluice::policy
