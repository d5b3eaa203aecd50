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
    : ids_(kRuleIdSlots, [](const Named& named) { return named.row->hash; }), bands_(1) {}

RuleTable::Added RuleTable::Add(const std::string& key, const Rule& rule,
                                const RuleOrigin& origin) {
  const auto [place, fresh] = rules_.try_emplace(key);
  Row& row = place->second;
  row.origins.insert(origin);
  if (!fresh) return Added::kKnown;
  row.key = &place->first;
  row.rule = rule;
  row.hash = StableHash(key);
  std::vector<Named> moved;
  row.id = RuleId{ids_.Insert({&row}, moved)};
  Renamed(moved);
  by_id_[row.id] = &row;
  Index(row);
  Touch(row);
  bands_[BandFor(row.hash, rules_.size() - 1).value].insert(&row);
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
  Unindex(row);
  bands_[BandFor(row.hash, rules_.size()).value].erase(&row);
  by_id_.erase(row.id);
  std::vector<Named> moved;
  ids_.Erase({&row}, moved);
  Renamed(moved);
  const auto gone = rules_.extract(place);
  Reband(rules_.size() + 1);
  return std::move(gone.mapped().rule);
}

void RuleTable::Renamed(const std::vector<Named>& rows) {
  // Two steps: one rule's new id may be another's old one.
  for (const auto& [row] : rows) {
    Touch(*row);
    by_id_.erase(row->id);
  }
  for (const auto& [row] : rows) {
    row->id = RuleId{*ids_.Find({row})};
    by_id_[row->id] = row;
    Touch(*row);
  }
}

void RuleTable::Reband(size_t before) {
  const size_t old_count = BandCount(before);
  const size_t count = BandCount(rules_.size());
  if (count == old_count) return;
  // The band that comes or goes is the last one; it shares its rules with one other.
  const size_t last = std::max(count, old_count) - 1;
  const size_t parent = last - std::bit_floor(last);
  const Rows affected = count > old_count ? bands_[parent] : std::move(bands_[last]);
  bands_.resize(std::max(count, old_count));
  for (Row* row : affected) {
    const Band band = BandFor(row->hash, rules_.size());
    if (band == BandFor(row->hash, before)) continue;
    Touch(*row);
    if (count > old_count) bands_[parent].erase(row);
    bands_[band.value].insert(row);
  }
  bands_.resize(count);
}

void RuleTable::Touch(const Row& row) {
  changes_.rules.insert(row.id);
  changes_.subjects.insert(row.rule.subject);
  if (row.rule.peers) changes_.peers.insert(row.rule.peers->begin(), row.rule.peers->end());
  if (row.rule.services) {
    changes_.services.insert(row.rule.services->begin(), row.rule.services->end());
  }
}

void RuleTable::Index(Row& row) {
  by_subject_[row.rule.subject].insert(&row);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) by_peer_[peer].insert(&row);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) by_service_[service].insert(&row);
  }
}

void RuleTable::Unindex(Row& row) {
  const auto drop = [&row](auto& index, const auto& by) {
    const auto found = index.find(by);
    found->second.erase(&row);
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
  return found == by_id_.end() ? nullptr : &found->second->rule;
}

const std::set<RuleOrigin>& RuleTable::OriginsOf(RuleId id) const { return by_id_.at(id)->origins; }

Band RuleTable::BandOf(RuleId id) const { return BandFor(by_id_.at(id)->hash, rules_.size()); }

std::vector<RuleId> RuleTable::IdsOf(const Rows& rows) {
  std::vector<RuleId> ids;
  ids.reserve(rows.size());
  for (const Row* row : rows) ids.push_back(row->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<RuleId> RuleTable::BySubject(PredicateId id) const {
  const auto found = by_subject_.find(id);
  return found == by_subject_.end() ? std::vector<RuleId>() : IdsOf(found->second);
}

std::vector<RuleId> RuleTable::ByPeer(PredicateId id) const {
  const auto found = by_peer_.find(id);
  return found == by_peer_.end() ? std::vector<RuleId>() : IdsOf(found->second);
}

std::vector<RuleId> RuleTable::ByService(const ServiceMatch& service) const {
  const auto found = by_service_.find(service);
  return found == by_service_.end() ? std::vector<RuleId>() : IdsOf(found->second);
}

std::vector<RuleId> RuleTable::Ids() const {
  std::vector<RuleId> ids;
  ids.reserve(rules_.size());
  for (const auto& [key, row] : rules_) ids.push_back(row.id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace sluice::policy
