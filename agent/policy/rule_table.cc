#include "agent/policy/rule_table.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>

#include "ofctl/base/hash.h"

namespace sluice::policy {
namespace {

size_t BandCount(size_t rules) {
  return std::clamp<size_t>((rules + kRulesPerBand - 1) / kRulesPerBand, 1, kMaxBands);
}

}  // namespace

std::string ServiceMatch::ToString() const {
  std::string text(store::ToString(protocol));
  if (part == Part::kLaterFragments) return text + ":later fragments";
  return text + ":" + std::to_string(port.value) + "/" + std::to_string(port.mask);
}

std::string RuleOrigin::ToString() const {
  return policy.ToString() + " " + std::string(store::ToString(direction)) + "[" +
         std::to_string(index) + "]";
}

Band BandFor(uint64_t hash, size_t rules) {
  const size_t bands = BandCount(rules);
  const size_t level = std::bit_floor(bands);
  const size_t fine = hash % (2 * level);
  return {static_cast<uint16_t>(fine < bands ? fine : hash % level)};
}

RuleTable::RuleTable()
    : ids_(kRuleIdSlots, [](const std::string& key) { return StableHash(key); }) {}

RuleTable::Added RuleTable::Add(const std::string& key, const Rule& rule,
                                const RuleOrigin& origin) {
  const auto [place, fresh] = rules_.try_emplace(key);
  Row& row = place->second;
  row.origins.insert(origin);
  if (!fresh) return Added::kKnown;
  row.rule = rule;
  row.hash = StableHash(key);
  std::vector<std::string> moved;
  row.id = RuleId{ids_.Insert(key, moved)};
  Renamed(moved);
  by_id_[row.id] = {&place->first, &row};
  Index(place->first, row);
  Touch(row);
  Reband(rules_.size() - 1);
  return Added::kNew;
}

std::optional<Rule> RuleTable::Remove(const std::string& key, const RuleOrigin& origin) {
  const auto place = rules_.find(key);
  CHECK(place != rules_.end()) << "rule was never added: " << key;
  Row& row = place->second;
  row.origins.erase(origin);
  if (!row.origins.empty()) return std::nullopt;
  Touch(row);
  Unindex(place->first, row);
  by_id_.erase(row.id);
  std::vector<std::string> moved;
  ids_.Erase(key, moved);
  auto gone = rules_.extract(place);
  Renamed(moved);
  Reband(rules_.size() + 1);
  return std::move(gone.mapped().rule);
}

void RuleTable::Renamed(const std::vector<std::string>& keys) {
  // Two steps: one rule's new id may be another's old one.
  std::vector<ById> renamed;
  for (const std::string& key : keys) {
    const auto place = rules_.find(key);
    if (place == rules_.end()) continue;
    Touch(place->second);
    by_id_.erase(place->second.id);
    renamed.push_back({&place->first, &place->second});
  }
  for (const ById& entry : renamed) {
    entry.row->id = RuleId{*ids_.Find(*entry.key)};
    by_id_[entry.row->id] = entry;
    Touch(*entry.row);
  }
}

void RuleTable::Reband(size_t before) {
  if (BandCount(before) == BandCount(rules_.size())) return;
  for (const auto& [key, row] : rules_) {
    if (BandFor(row.hash, before) != BandFor(row.hash, rules_.size())) Touch(row);
  }
}

void RuleTable::Touch(const Row& row) {
  changes_.rules.insert(row.id);
  changes_.subjects.insert(row.rule.subject);
  if (row.rule.peers) changes_.peers.insert(row.rule.peers->begin(), row.rule.peers->end());
  if (row.rule.services) {
    changes_.services.insert(row.rule.services->begin(), row.rule.services->end());
  }
}

void RuleTable::Index(const std::string& key, const Row& row) {
  by_subject_[row.rule.subject].insert(&key);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) by_peer_[peer].insert(&key);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) by_service_[service].insert(&key);
  }
}

void RuleTable::Unindex(const std::string& key, const Row& row) {
  const auto drop = [&key](auto& index, const auto& by) {
    const auto found = index.find(by);
    found->second.erase(&key);
    if (found->second.empty()) index.erase(found);
  };
  drop(by_subject_, row.rule.subject);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) drop(by_peer_, peer);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) drop(by_service_, service);
  }
}

RuleChanges RuleTable::TakeChanges() { return std::exchange(changes_, {}); }

const Rule* RuleTable::Find(RuleId id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &found->second.row->rule;
}

const std::set<RuleOrigin>& RuleTable::OriginsOf(RuleId id) const {
  return by_id_.at(id).row->origins;
}

Band RuleTable::BandOf(RuleId id) const { return BandFor(by_id_.at(id).row->hash, rules_.size()); }

std::vector<RuleId> RuleTable::IdsOf(const KeySet* keys) const {
  std::vector<RuleId> ids;
  if (keys == nullptr) return ids;
  ids.reserve(keys->size());
  for (const std::string* key : *keys) ids.push_back(rules_.at(*key).id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<RuleId> RuleTable::BySubject(PredicateId id) const {
  const auto found = by_subject_.find(id);
  return IdsOf(found == by_subject_.end() ? nullptr : &found->second);
}

std::vector<RuleId> RuleTable::ByPeer(PredicateId id) const {
  const auto found = by_peer_.find(id);
  return IdsOf(found == by_peer_.end() ? nullptr : &found->second);
}

std::vector<RuleId> RuleTable::ByService(const ServiceMatch& service) const {
  const auto found = by_service_.find(service);
  return IdsOf(found == by_service_.end() ? nullptr : &found->second);
}

std::vector<RuleId> RuleTable::Ids() const {
  std::vector<RuleId> ids;
  ids.reserve(rules_.size());
  for (const auto& [key, row] : rules_) ids.push_back(row.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace sluice::policy
