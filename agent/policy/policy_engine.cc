#include "agent/policy/policy_engine.h"

#include <glog/logging.h>

#include <algorithm>

#include "agent/policy/sort_unique.h"

namespace sluice::policy {
namespace {

using store::Direction;

constexpr Direction kDirections[] = {Direction::kIngress, Direction::kEgress};

bool Intersects(const PredicateSet& a, const PredicateSet& b) {
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() && right != b.end()) {
    if (*left == *right) return true;
    if (*left < *right) {
      ++left;
    } else {
      ++right;
    }
  }
  return false;
}

}  // namespace

PolicyEngine::PolicyEngine(const store::ClusterStore& store)
    : store_(store),
      predicates_(store),
      classes_{AddressClasses(predicates_), AddressClasses(predicates_)},
      subjects_(predicates_) {}

void PolicyEngine::Apply(const store::StoreDelta& delta) {
  for (const store::PodChange& change : delta.pods) {
    RefreshAddresses(change);
    named_ports_.OnPodChanged(change);
  }
  for (const std::string& ns : delta.namespaces) {
    store_.ForEachPodInNamespace(ns, [this](const store::PodState& pod) {
      for (const IpAddress& ip : pod.ips) Refresh(ip);
    });
  }
  for (const store::PodChange& change : delta.pods) TrackLocalPod(change);
  for (const store::PolicyChange& change : delta.policies) OnPolicyChanged(change);
  FollowNamedPorts();
}

void PolicyEngine::RefreshAddresses(const store::PodChange& change) {
  std::vector<IpAddress> addresses;
  if (change.before) addresses = change.before->ips;
  if (change.after != nullptr) {
    addresses.insert(addresses.end(), change.after->ips.begin(), change.after->ips.end());
  }
  SortUnique(addresses);
  for (const IpAddress& address : addresses) Refresh(address);
}

void PolicyEngine::Refresh(const IpAddress& address) {
  const PredicateTable::OfAddress of = predicates_.Of(address);
  for (AddressClasses& classes : classes_) classes.Refresh(address, of);
}

void PolicyEngine::TrackLocalPod(const store::PodChange& change) {
  const Subjects::Turned turned = subjects_.OnPodChanged(change);
  for (const store::ObjectKey& key : turned.in) SetActive(key, &KnownPolicy(key));
  for (const store::ObjectKey& key : turned.out) SetActive(key, nullptr);
}

void PolicyEngine::OnPolicyChanged(const store::PolicyChange& change) {
  const store::ObjectKey& key = change.before ? change.before->key : change.after->key;
  if (change.before) subjects_.Erase(*change.before);
  const bool selects = change.after && subjects_.Insert(*change.after);
  SetActive(key, selects ? change.after.get() : nullptr);
}

void PolicyEngine::FollowNamedPorts() {
  std::set<store::ObjectKey> outdated;
  for (const PortName& name : named_ports_.TakeChanges()) {
    const auto policies = named_by_.find(name);
    if (policies != named_by_.end()) {
      outdated.insert(policies->second.begin(), policies->second.end());
    }
  }
  for (const store::ObjectKey& key : outdated) SetActive(key, &KnownPolicy(key));
}

// Null would let go of what the policy isolates.
const store::NetworkPolicy& PolicyEngine::KnownPolicy(const store::ObjectKey& key) const {
  const store::NetworkPolicy* policy = store_.FindPolicy(key);
  CHECK(policy != nullptr) << "no policy " << key.ToString();
  return *policy;
}

void PolicyEngine::SetActive(const store::ObjectKey& key, const store::NetworkPolicy* policy) {
  // New before old: what both versions refer to is never let go in between.
  Active after = policy != nullptr ? Activate(*policy) : Active();
  auto place = active_.find(key);
  if (place == active_.end()) {
    if (policy == nullptr) return;
    place = active_.insert(std::make_unique<ActivePolicy>(ActivePolicy{key, {}})).first;
  }
  Active gone = std::exchange((*place)->active, {});
  for (const ActiveDirection& of : gone) {
    for (const PortName& name : of.named_ports) {
      const auto named = named_by_.find(name);
      if (named == named_by_.end()) continue;  // both directions name it
      named->second.erase(key);
      if (named->second.empty()) named_by_.erase(named);
    }
  }
  KeepShared(gone, after);
  Deactivate(key, gone);
  for (const ActiveDirection& of : after) {
    for (const PortName& name : of.named_ports) named_by_[name].insert(key);
  }
  if (policy == nullptr) {
    active_.erase(place);
  } else {
    (*place)->active = std::move(after);
  }
}

// Rules (with their origin) that the new version has as well must survive the removal of the old.
void PolicyEngine::KeepShared(Active& gone, const Active& after) {
  for (ActiveDirection& of : gone) {
    const auto still = std::ranges::find(after, of.direction, &ActiveDirection::direction);
    if (still == after.end()) continue;
    const auto shared = [&kept = still->rules](const ActiveRule& rule) {
      return std::find(kept.begin(), kept.end(), rule) != kept.end();
    };
    of.rules.erase(std::remove_if(of.rules.begin(), of.rules.end(), shared), of.rules.end());
  }
}

PolicyEngine::Active PolicyEngine::Activate(const store::NetworkPolicy& policy) {
  Active active;
  const Predicate subject = SubjectOf(policy);
  for (const Direction direction : kDirections) {
    const auto scope =
        direction == Direction::kIngress ? NamedPorts::Scope::kLocal : NamedPorts::Scope::kAll;
    auto compiled = Compile(policy, direction, [&](const PortName& name) {
      return named_ports_.NumbersOf(name, scope);
    });
    if (!compiled) continue;
    ActiveDirection& of = active.emplace_back();
    of.direction = direction;
    of.subject = classes_[Index(SubjectSide(direction))].Acquire(subject);
    of.named_ports.assign(compiled->named_ports.begin(), compiled->named_ports.end());
    if (++isolating_[Index(direction)][of.subject] == 1) {
      isolation_changed_[Index(direction)].push_back(of.subject);
    }
    for (const CompiledRule& rule : compiled->rules) {
      const RuleOrigin origin{policy.key, direction, rule.index};
      of.rules.push_back({AddRule(direction, of.subject, rule, origin), rule.index});
    }
  }
  return active;
}

void PolicyEngine::Deactivate(const store::ObjectKey& key, const Active& active) {
  for (const ActiveDirection& of : active) {
    for (const ActiveRule& each : of.rules) {
      const RuleOrigin origin{key, of.direction, each.index};
      if (const auto rule = rules_[Index(of.direction)].Remove(each.rule, origin)) {
        ReleaseRule(of.direction, *rule);
      }
    }
    if (--isolating_[Index(of.direction)][of.subject] == 0) {
      isolation_changed_[Index(of.direction)].push_back(of.subject);
    }
    classes_[Index(SubjectSide(of.direction))].Release(of.subject);
  }
}

RuleTable::Handle PolicyEngine::AddRule(Direction direction, PredicateId subject,
                                        const CompiledRule& compiled, const RuleOrigin& origin) {
  Rule rule;
  AddressClasses& subjects = classes_[Index(SubjectSide(direction))];
  if (compiled.subject.port) {
    rule.subject = subjects.Acquire(compiled.subject);
  } else {
    subjects.Acquire(subject);
    rule.subject = subject;
  }
  rule.services = compiled.services;
  if (compiled.peers) {
    rule.peers.emplace();
    for (const Predicate& peer : *compiled.peers) {
      rule.peers->push_back(classes_[Index(PeerSide(direction))].Acquire(peer));
    }
    std::sort(rule.peers->begin(), rule.peers->end());
  }
  RuleTable& rules = rules_[Index(direction)];
  if (const RuleTable::Handle known = rules.Join(rule, origin)) {
    ReleaseRule(direction, rule);
    return known;
  }
  return rules.Insert(std::move(rule), compiled.Words(), origin);
}

void PolicyEngine::ReleaseRule(Direction direction, const Rule& rule) {
  classes_[Index(SubjectSide(direction))].Release(rule.subject);
  if (!rule.peers) return;
  for (const PredicateId peer : *rule.peers) classes_[Index(PeerSide(direction))].Release(peer);
}

PolicyChanges PolicyEngine::TakeChanges() {
  PolicyChanges changes;
  for (const Side side : {Side::kSource, Side::kDestination}) {
    ClassChanges of = classes_[Index(side)].TakeChanges();
    changes.sides[Index(side)] = {std::move(of.entries), std::move(of.classes)};
  }
  predicates_.ReuseReleased();
  const auto mark = [&](Side side, const std::vector<PredicateId>& predicates) {
    std::vector<ClassId>& classes = changes.sides[Index(side)].classes;
    for (const PredicateId id : predicates) {
      classes_[Index(side)].ForEachClassWith(id, [&](ClassId of) { classes.push_back(of); });
    }
  };
  for (const Direction direction : kDirections) {
    RuleChanges of = rules_[Index(direction)].TakeChanges();
    mark(SubjectSide(direction), of.subjects);
    mark(PeerSide(direction), of.peers);
    mark(SubjectSide(direction), std::exchange(isolation_changed_[Index(direction)], {}));
    changes.directions[Index(direction)] = {std::move(of.rules), std::move(of.services)};
  }
  for (PolicyChanges::OfSide& of : changes.sides) SortUnique(of.classes);
  return changes;
}

std::string PolicyEngine::WordsOf(Direction direction, RuleId id) const {
  const Rule* rule = rules(direction).Find(id);
  CHECK(rule != nullptr) << "no rule " << id.value;
  const Predicate& subject = classes(SubjectSide(direction)).PredicateOf(rule->subject);
  CompiledRule words{.index = 0,
                     .subject = std::get<SubjectPredicate>(subject),
                     .peers = std::nullopt,
                     .services = rule->services};
  if (rule->peers) {
    words.peers.emplace();
    for (const PredicateId peer : *rule->peers) {
      words.peers->push_back(classes(PeerSide(direction)).PredicateOf(peer));
    }
    std::sort(words.peers->begin(), words.peers->end());
  }
  return words.Words();
}

bool PolicyEngine::Isolates(Direction direction, PredicateId subject) const {
  return isolating_[Index(direction)][subject] > 0;
}

Verdict PolicyEngine::Judge(const Connection& connection) const {
  return {JudgeDirection(Direction::kEgress, connection),
          JudgeDirection(Direction::kIngress, connection)};
}

DirectionVerdict PolicyEngine::JudgeDirection(Direction direction,
                                              const Connection& connection) const {
  const bool egress = direction == Direction::kEgress;
  const AddressClasses& subjects = classes(SubjectSide(direction));
  const AddressClasses& peers = classes(PeerSide(direction));
  const PredicateSet& subject =
      subjects.PredicatesOf(egress ? connection.source : connection.destination);
  const PredicateSet& peer =
      peers.PredicatesOf(egress ? connection.destination : connection.source);
  DirectionVerdict verdict;
  for (const PredicateId id : subject) {
    verdict.isolated = verdict.isolated || Isolates(direction, id);
    for (const RuleId candidate : rules(direction).BySubject(id)) {
      const Rule& rule = *rules(direction).Find(candidate);
      const bool matches =
          (!rule.peers || Intersects(*rule.peers, peer)) &&
          (!rule.services ||
           std::any_of(rule.services->begin(), rule.services->end(), [&](const auto& service) {
             return service.Matches(connection.ip_protocol, connection.port);
           }));
      if (matches && (!verdict.rule || candidate < *verdict.rule)) verdict.rule = candidate;
    }
  }
  return verdict;
}

}  // namespace sluice::policy
