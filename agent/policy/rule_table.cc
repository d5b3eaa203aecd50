#include "agent/policy/rule_table.h"

#include <glog/logging.h>

#include <algorithm>
#include <bit>

#include "agent/policy/sort_unique.h"
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
  const size_t fine = hash & (2 * level - 1);
  return {static_cast<uint16_t>(fine < bands ? fine : hash & (level - 1))};
}

uint64_t RuleTable::ByRule::HashOf(const Rule& rule) {
  uint64_t hash = MixBits(rule.subject.value);
  if (rule.peers) {
    for (const PredicateId peer : *rule.peers) hash = CombineHash(hash, peer.value);
  }
  if (rule.services) {
    for (const ServiceMatch& service : *rule.services) {
      hash = CombineHash(hash, ServiceHash()(service));
    }
  }
  return hash;
}

size_t RuleTable::ServiceHash::operator()(const ServiceMatch& service) const {
  return MixBits(static_cast<uint64_t>(service.protocol) << 40 |
                 static_cast<uint64_t>(service.part) << 32 |
                 static_cast<uint64_t>(service.port.value) << 16 | service.port.mask);
}

size_t RuleTable::OriginHash::operator()(const RuleOrigin& origin) const {
  return CombineHash(CombineHash(StableHash(origin.policy.ns), StableHash(origin.policy.name)),
                     origin.index);
}

RuleTable::RuleTable()
    : ids_(kRuleIdSlots, [](const Named& named) { return named.hash; }), bands_(1) {}

RuleTable::~RuleTable() = default;

RuleTable::Handle RuleTable::Join(const Rule& rule, const RuleOrigin& origin) {
  const auto known = rows_.find(rule);
  if (known == rows_.end()) return nullptr;
  (*known)->origins.Insert(origin);
  return &**known;
}

RuleTable::Handle RuleTable::Insert(Rule rule, std::string_view words, const RuleOrigin& origin) {
  constexpr uint64_t kAnotherSeed = 0x6c62272e07bb0142;
  auto fresh = std::make_unique<Row>();
  Row& row = *fresh;
  row.rule = std::move(rule);
  row.origins.Insert(origin);
  row.hash = StableHash(words);
  row.second_hash = StableHash(words, kAnotherSeed);
  const bool inserted = rows_.insert(std::move(fresh)).second;
  CHECK(inserted) << "the rule is there already: " << words;
  std::vector<Named> moved;
  row.id = RuleId{ids_.Insert(Named(&row), moved)};
  Renamed(moved);
  Index(row);
  Touch(row);
  EnterBand(row, BandFor(row.hash, rows_.size() - 1));
  Reband(rows_.size() - 1);
  return &row;
}

std::optional<Rule> RuleTable::Remove(Handle handle, const RuleOrigin& origin) {
  const auto place = rows_.find(handle->rule);
  CHECK(place != rows_.end() && &**place == handle) << "rule of " << origin.ToString();
  Row& row = **place;
  row.origins.Erase(origin);
  if (!row.origins.empty()) return std::nullopt;
  Touch(row);
  Unindex(row);
  LeaveBand(row, BandFor(row.hash, rows_.size()));
  std::vector<Named> moved;
  ids_.Erase(Named(&row), moved);
  Renamed(moved);
  Rule gone = row.rule;
  rows_.erase(place);
  Reband(rows_.size() + 1);
  return gone;
}

void RuleTable::Renamed(const std::vector<Named>& rows) {
  for (const Named& named : rows) {
    Touch(*named.row);
    Unindex(*named.row);
  }
  // Not before all of them have let go of their ids: one may take another's.
  for (const Named& named : rows) {
    named.row->id = RuleId{*ids_.Find(named)};
    Index(*named.row);
    Touch(*named.row);
  }
}

void RuleTable::Reband(size_t before) {
  const size_t old_count = BandCount(before);
  const size_t count = BandCount(rows_.size());
  if (count == old_count) return;
  // The band that comes or goes is the last one; it shares its rules with one other.
  const size_t last = std::max(count, old_count) - 1;
  const size_t parent = last - std::bit_floor(last);
  bands_.resize(std::max(count, old_count));
  const std::vector<Row*> affected = bands_[count > old_count ? parent : last];
  for (Row* row : affected) {
    const Band now = BandFor(row->hash, rows_.size());
    const Band then = BandFor(row->hash, before);
    if (now == then) continue;
    Touch(*row);
    LeaveBand(*row, then);
    EnterBand(*row, now);
  }
  bands_.resize(count);
}

void RuleTable::EnterBand(Row& row, Band band) {
  row.place = bands_[band.value].size();
  bands_[band.value].push_back(&row);
}

void RuleTable::LeaveBand(Row& row, Band band) {
  std::vector<Row*>& rows = bands_[band.value];
  rows[row.place] = rows.back();
  rows[row.place]->place = row.place;
  rows.pop_back();
}

void RuleTable::Touch(const Row& row) {
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  changes_.rules.push_back(row.id);
  changes_.subjects.push_back(row.rule.subject);
  if (row.rule.peers) append(changes_.peers, *row.rule.peers);
  if (row.rule.services) append(changes_.services, *row.rule.services);
}

void RuleTable::Index(const Row& row) {
  by_subject_[row.rule.subject].Insert(row.id);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) by_peer_[peer].Insert(row.id);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) by_service_[service].Insert(row.id);
  }
}

void RuleTable::Unindex(const Row& row) {
  by_subject_[row.rule.subject].Erase(row.id);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) by_peer_[peer].Erase(row.id);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) {
      const auto ids = by_service_.find(service);
      ids->second.Erase(row.id);
      if (ids->second.empty()) by_service_.erase(ids);
    }
  }
}

RuleChanges RuleTable::TakeChanges() {
  SortUnique(changes_.rules);
  SortUnique(changes_.subjects);
  SortUnique(changes_.peers);
  SortUnique(changes_.services);
  return std::exchange(changes_, {});
}

const RuleTable::Row* RuleTable::RowOf(RuleId id) const {
  const Named* named = ids_.At(id.value);
  return named == nullptr ? nullptr : named->row;
}

const Rule* RuleTable::Find(RuleId id) const {
  const Row* row = RowOf(id);
  return row == nullptr ? nullptr : &row->rule;
}

std::vector<RuleOrigin> RuleTable::OriginsOf(RuleId id) const {
  const Row* row = RowOf(id);
  std::vector<RuleOrigin> origins;
  if (row == nullptr) return origins;
  row->origins.ForEach([&](const RuleOrigin& origin) { origins.push_back(origin); });
  SortUnique(origins);
  return origins;
}

Band RuleTable::BandOf(RuleId id) const { return BandFor(NamedBy(id).hash, rows_.size()); }

uint8_t RuleTable::DimensionsOf(RuleId id) const { return NamedBy(id).dimensions; }

const RuleTable::Named& RuleTable::NamedBy(RuleId id) const {
  const Named* named = ids_.At(id.value);
  CHECK(named != nullptr) << "no rule " << id.value;
  return *named;
}

std::vector<RuleId> RuleTable::Sorted(const RuleIds& ids) {
  std::vector<RuleId> sorted;
  sorted.reserve(ids.size());
  ids.ForEach([&](RuleId id) { sorted.push_back(id); });
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

std::vector<RuleId> RuleTable::BySubject(PredicateId id) const { return Sorted(by_subject_[id]); }

std::vector<RuleId> RuleTable::ByPeer(PredicateId id) const { return Sorted(by_peer_[id]); }

std::vector<RuleId> RuleTable::ByService(const ServiceMatch& service) const {
  const auto ids = by_service_.find(service);
  return ids == by_service_.end() ? std::vector<RuleId>() : Sorted(ids->second);
}

std::vector<RuleId> RuleTable::Ids() const {
  std::vector<RuleId> ids;
  ids.reserve(rows_.size());
  for (const auto& row : rows_) ids.push_back(row->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace sluice::policy
