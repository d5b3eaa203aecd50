// OrderedIds: small ids for keys, the same for the same set of keys, however the set came about.
//
// Ids go into flows. Were they handed out by arrival, a restarted agent would rename everything and
// two orders of the same events would end in different tables. So an id is a slot of an ordered
// hash table (Amble and Knuth, "Ordered hash tables", 1974): linear probing in which the smaller of
// two colliding keys sits first. The layout depends on the present keys only. The table is sparse,
// so a key rarely moves because of another one; when one does, the caller is told.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace sluice::policy {

// Key needs <, == and std::hash; `home` gives a stable hash of it.
template <typename Key>
class OrderedIds {
 public:
  using Home = std::function<uint64_t(const Key&)>;

  // Ids are 1 .. slots: 0 is left to mean "none".
  OrderedIds(uint32_t slots, Home home) : slots_(slots), home_(std::move(home)) {}

  // Keys whose id changed besides `key` itself are appended to `moved`.
  uint32_t Insert(Key key, std::vector<Key>& moved) {
    std::optional<uint32_t> wanted;  // where `key` itself goes
    for (uint32_t slot = HomeOf(key);; slot = Next(slot)) {
      const auto [occupant, vacant] = keys_.try_emplace(slot, key);
      if (vacant) return wanted.value_or(slot) + 1;
      if (GoesBefore(key, occupant->second)) {
        if (!wanted) wanted = slot;
        std::swap(key, occupant->second);
        moved.push_back(key);
      }
    }
  }

  void Erase(const Key& key, std::vector<Key>& moved) {
    std::optional<uint32_t> hole = Find(key);
    if (!hole) return;
    keys_.erase(*hole - 1);
    // Whatever follows in the run may belong into the gap: take it out and put it in again.
    std::vector<std::pair<Key, uint32_t>> run;  // with the id each had
    for (uint32_t slot = Next(*hole - 1); keys_.contains(slot); slot = Next(slot)) {
      run.emplace_back(std::move(keys_.at(slot)), slot + 1);
      keys_.erase(slot);
    }
    std::vector<Key> ignored;
    for (const auto& [follower, id] : run) Insert(follower, ignored);
    for (const auto& [follower, id] : run) {
      if (*Find(follower) != id) moved.push_back(follower);
    }
  }

  std::optional<uint32_t> Find(const Key& key) const {
    for (uint32_t slot = HomeOf(key);; slot = Next(slot)) {
      const auto occupant = keys_.find(slot);
      if (occupant == keys_.end()) return std::nullopt;
      if (occupant->second == key) return slot + 1;
    }
  }

  // The key that has the id; null if none has.
  const Key* At(uint32_t id) const {
    const auto occupant = keys_.find(id - 1);
    return id == 0 || occupant == keys_.end() ? nullptr : &occupant->second;
  }

  size_t size() const { return keys_.size(); }

 private:
  uint32_t HomeOf(const Key& key) const { return static_cast<uint32_t>(home_(key) % slots_); }
  uint32_t Next(uint32_t slot) const { return slot + 1 == slots_ ? 0 : slot + 1; }
  // A total order that has nothing to do with arrival.
  bool GoesBefore(const Key& a, const Key& b) const { return a < b; }

  uint32_t slots_;
  Home home_;
  boost::unordered_flat_map<uint32_t, Key> keys_;  // by slot
};

}  // namespace sluice::policy
