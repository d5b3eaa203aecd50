// Sharded: a hash table that grows a bit at a time. One that has 100,000 members moves all of them
// when it grows, and keeps everybody waiting meanwhile (25 ms); this is many small ones, of which
// each grows by itself.
//
// `Table` is a hash set or map of the standard library's or Boost's; the members used here mean
// what they mean there. No order, and no promise where a member is after another one was added.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>

namespace sluice::store {

template <typename Table>
class Sharded {
  static constexpr size_t kShards = 64;
  using Shards = std::array<Table, kShards>;

  // Over all members of all shards. Always at a member or at the end.
  template <typename S, typename Inner>
  class Iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = typename Table::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = typename std::iterator_traits<Inner>::pointer;
    using reference = typename std::iterator_traits<Inner>::reference;

    Iterator() = default;
    Iterator(S* shards, size_t shard, Inner inner) : shards_(shards), shard_(shard), inner_(inner) {
      SkipEmpty();
    }
    reference operator*() const { return *inner_; }
    auto operator->() const { return std::addressof(*inner_); }
    Iterator& operator++() {
      ++inner_;
      SkipEmpty();
      return *this;
    }
    Iterator operator++(int) {
      const Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      return a.shard_ == b.shard_ && a.inner_ == b.inner_;
    }

   private:
    friend Sharded;
    void SkipEmpty() {
      while (shard_ + 1 < kShards && inner_ == (*shards_)[shard_].end()) {
        inner_ = (*shards_)[++shard_].begin();
      }
    }

    S* shards_ = nullptr;
    size_t shard_ = 0;
    Inner inner_{};
  };

 public:
  using iterator = Iterator<Shards, typename Table::iterator>;
  using const_iterator = Iterator<const Shards, typename Table::const_iterator>;

  iterator begin() { return {&shards_, 0, shards_.front().begin()}; }
  const_iterator begin() const { return {&shards_, 0, shards_.front().begin()}; }
  iterator end() { return {&shards_, kShards - 1, shards_.back().end()}; }
  const_iterator end() const { return {&shards_, kShards - 1, shards_.back().end()}; }
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  template <typename Key>
  iterator find(const Key& key) {
    const size_t shard = ShardOf(key);
    const auto found = shards_[shard].find(key);
    return found == shards_[shard].end() ? end() : iterator(&shards_, shard, found);
  }
  template <typename Key>
  const_iterator find(const Key& key) const {
    const size_t shard = ShardOf(key);
    const auto found = shards_[shard].find(key);
    return found == shards_[shard].end() ? end() : const_iterator(&shards_, shard, found);
  }
  template <typename Key>
  bool contains(const Key& key) const {
    return shards_[ShardOf(key)].contains(key);
  }

  std::pair<iterator, bool> insert(typename Table::value_type value) {
    const size_t shard = ShardOf(value);
    return Counted(shard, shards_[shard].insert(std::move(value)));
  }
  template <typename Key, typename... Arguments>
  std::pair<iterator, bool> try_emplace(const Key& key, Arguments&&... arguments) {
    const size_t shard = ShardOf(key);
    return Counted(shard, shards_[shard].try_emplace(key, std::forward<Arguments>(arguments)...));
  }
  void erase(iterator place) {
    shards_[place.shard_].erase(place.inner_);
    --size_;
  }

 private:
  // By other bits of the hash than those by which the table places its members.
  template <typename Key>
  size_t ShardOf(const Key& key) const {
    const uint64_t hash = shards_.front().hash_function()(key);
    return static_cast<size_t>((hash * 0x9e3779b97f4a7c15U) >> 58);
  }
  template <typename Inserted>
  std::pair<iterator, bool> Counted(size_t shard, const Inserted& inserted) {
    size_ += inserted.second ? 1 : 0;
    return {iterator(&shards_, shard, inserted.first), inserted.second};
  }

  Shards shards_;
  size_t size_ = 0;
};

}  // namespace sluice::store
