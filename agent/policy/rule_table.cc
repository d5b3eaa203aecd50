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
  const size_t fine = hash % (2 * level);
  return {static_cast<uint16_t>(fine < bands ? fine : hash % level)};
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
    : ids_(kRuleIdSlots, [](const Named& named) { return named.row->hash; }), bands_(1) {}

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
  row.id = RuleId{ids_.Insert({&row}, moved)};
  Renamed(moved);
  Index(row);
  Touch(row);
  bands_[BandFor(row.hash, rows_.size() - 1).value].insert(&row);
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
  bands_[BandFor(row.hash, rows_.size()).value].erase(&row);
  std::vector<Named> moved;
  ids_.Erase({&row}, moved);
  Renamed(moved);
  Rule gone = row.rule;
  rows_.erase(place);
  Reband(rows_.size() + 1);
  return gone;
}

void RuleTable::Renamed(const std::vector<Named>& rows) {
  for (const auto& [row] : rows) {
    Touch(*row);
    row->id = RuleId{*ids_.Find({row})};
    Touch(*row);
  }
}

void RuleTable::Reband(size_t before) {
  const size_t old_count = BandCount(before);
  const size_t count = BandCount(rows_.size());
  if (count == old_count) return;
  // The band that comes or goes is the last one; it shares its rules with one other.
  const size_t last = std::max(count, old_count) - 1;
  const size_t parent = last - std::bit_floor(last);
  const RowsOfBand affected = count > old_count ? bands_[parent] : std::move(bands_[last]);
  bands_.resize(std::max(count, old_count));
  for (Row* row : affected) {
    const Band band = BandFor(row->hash, rows_.size());
    if (band == BandFor(row->hash, before)) continue;
    Touch(*row);
    if (count > old_count) bands_[parent].erase(row);
    bands_[band.value].insert(row);
  }
  bands_.resize(count);
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

void RuleTable::Index(Row& row) {
  by_subject_[row.rule.subject].Insert(&row);
  if (row.rule.peers) {
    for (const PredicateId peer : *row.rule.peers) by_peer_[peer].Insert(&row);
  }
  if (row.rule.services) {
    for (const ServiceMatch& service : *row.rule.services) by_service_[service].Insert(&row);
  }
}

void RuleTable::Unindex(Row& row) {
  const auto drop = [&row](auto& index, const auto& by) {
    const auto found = index.find(by);
    found->second.Erase(&row);
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

Band RuleTable::BandOf(RuleId id) const {
  const Row* row = RowOf(id);
  CHECK(row != nullptr) << "no rule " << id.value;
  return BandFor(row->hash, rows_.size());
}

template <typename By, typename Key>
std::vector<RuleId> RuleTable::IdsIn(const By& index, const Key& key) {
  std::vector<RuleId> ids;
  const auto found = index.find(key);
  if (found == index.end()) return ids;
  ids.reserve(found->second.size());
  found->second.ForEach([&](const Row* row) { ids.push_back(row->id); });
  std::sort(ids.begin(), ids.end());
  return ids;
}

std::vector<RuleId> RuleTable::BySubject(PredicateId id) const { return IdsIn(by_subject_, id); }

std::vector<RuleId> RuleTable::ByPeer(PredicateId id) const { return IdsIn(by_peer_, id); }

std::vector<RuleId> RuleTable::ByService(const ServiceMatch& service) const {
  return IdsIn(by_service_, service);
}

std::vector<RuleId> RuleTable::Ids() const {
  std::vector<RuleId> ids;
  ids.reserve(rows_.size());
  for (const auto& row : rows_) ids.push_back(row->id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

}  // namespace sluice::policy
