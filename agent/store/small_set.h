// SmallSet: a set of which there are many, most of them with a member or two.
//
// Few members lie side by side, in the set itself as long as they are no more than `kInline`; many
// are hashed. No order: whoever needs one sorts.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

namespace sluice::store {

template <typename T, size_t kInline = 1, typename Hash = std::hash<T>>
class SmallSet {
 public:
  // Whether the set is another one now.
  bool Insert(T value) {
    if (many_) return many_->insert(std::move(value)).second;
    if (std::find(few_.begin(), few_.end(), value) != few_.end()) return false;
    if (few_.size() < kFew) {
      few_.push_back(std::move(value));
      return true;
    }
    many_ = std::make_unique<Many>(std::make_move_iterator(few_.begin()),
                                   std::make_move_iterator(few_.end()));
    few_ = Few();
    return many_->insert(std::move(value)).second;
  }
  bool Erase(const T& value) {
    if (many_) {
      const bool erased = many_->erase(value) > 0;
      // Not before it is empty: a set that goes to and fro over the border must not pay each time.
      if (many_->empty()) many_.reset();
      return erased;
    }
    const auto place = std::find(few_.begin(), few_.end(), value);
    if (place == few_.end()) return false;
    if (place != few_.end() - 1) *place = std::move(few_.back());
    few_.pop_back();
    return true;
  }

  bool Contains(const T& value) const {
    return many_ ? many_->contains(value)
                 : std::find(few_.begin(), few_.end(), value) != few_.end();
  }
  size_t size() const { return many_ ? many_->size() : few_.size(); }
  bool empty() const { return size() == 0; }

  // The set must not change meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) const {
    if (many_) {
      for (const T& value : *many_) visit(value);
    } else {
      for (const T& value : few_) visit(value);
    }
  }

 private:
  static constexpr size_t kFew = 8;
  using Few = boost::container::small_vector<T, kInline>;
  using Many = boost::unordered_flat_set<T, Hash>;

  Few few_;
  std::unique_ptr<Many> many_;  // null: see few_
};

}  // namespace sluice::store
