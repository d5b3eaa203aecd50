// OwnedSet: a hash set that owns its members and finds them by a part of themselves, their key.
// Members stay where they are while they are in it.
//
// `By` says what the key of a member is, and its hash:
//
//   static Key KeyOf(const T& member);   // may be a reference; must not change meanwhile
//   static uint64_t HashOf(const Key&);  // every bit mixed
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace sluice::store {

// A member in its place, with the hash of its key: a table that grows, or finds a place taken,
// need not look at members, which lie all over the memory. `Pointer` owns: unique_ptr, shared_ptr.
template <typename Pointer, typename By>
class Owned {
 public:
  Owned(Pointer member)  // NOLINT: what is inserted becomes owned
      : hash_(By::HashOf(By::KeyOf(*member))), member_(std::move(member)) {}

  auto& operator*() const { return *member_; }
  auto* operator->() const { return member_.get(); }
  const Pointer& pointer() const { return member_; }
  // For the moment before the place is erased: the member goes on elsewhere.
  Pointer Release() const { return std::move(member_); }

  struct Hash {
    using is_transparent = void;
    using is_avalanching = void;
    size_t operator()(const Owned& owned) const { return owned.hash_; }
    template <typename Key>
    size_t operator()(const Key& key) const {
      return By::HashOf(key);
    }
  };
  struct Same {
    using is_transparent = void;
    bool operator()(const Owned& a, const Owned& b) const {
      return a.hash_ == b.hash_ && By::KeyOf(*a) == By::KeyOf(*b);
    }
    template <typename Key>
    bool operator()(const Key& key, const Owned& owned) const {
      return By::KeyOf(*owned) == key;
    }
    template <typename Key>
    bool operator()(const Owned& owned, const Key& key) const {
      return By::KeyOf(*owned) == key;
    }
  };

 private:
  uint64_t hash_;
  mutable Pointer member_;
};

template <typename Pointer, typename By>
using OwnedSet = boost::unordered_flat_set<Owned<Pointer, By>, typename Owned<Pointer, By>::Hash,
                                           typename Owned<Pointer, By>::Same>;

}  // namespace sluice::store
