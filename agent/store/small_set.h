// SmallSet: a set of which there are many, most of them with one member.
//
// One member is held in the set itself: two words for a pointer. A few lie side by side elsewhere,
// many are hashed. No order: whoever needs one sorts.
#pragma once

#include <algorithm>
#include <boost/container/small_vector.hpp>
#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <variant>

namespace sluice::store {

template <typename T, typename Hash = std::hash<T>>
class SmallSet {
 public:
  // Whether the set is another one now.
  bool Insert(T value) {
    if (empty()) {
      members_ = std::move(value);
      return true;
    }
    if (T* one = std::get_if<T>(&members_)) {
      if (*one == value) return false;
      auto several = std::make_unique<Several>();
      several->few.push_back(std::move(*one));
      members_ = std::move(several);
    }
    return InsertInto(*std::get<Elsewhere>(members_), std::move(value));
  }
  bool Erase(const T& value) {
    if (const T* one = std::get_if<T>(&members_)) {
      if (*one != value) return false;
    } else if (Elsewhere* several = std::get_if<Elsewhere>(&members_)) {
      if (!EraseFrom(**several, value)) return false;
      // Not before it is empty: a set that goes to and fro over the border must not pay each time.
      if ((*several)->size() > 0) return true;
    } else {
      return false;
    }
    members_ = std::monostate();
    return true;
  }

  bool Contains(const T& value) const {
    if (const T* one = std::get_if<T>(&members_)) return *one == value;
    const Elsewhere* several = std::get_if<Elsewhere>(&members_);
    return several != nullptr && (*several)->Contains(value);
  }
  size_t size() const {
    const Elsewhere* several = std::get_if<Elsewhere>(&members_);
    return several != nullptr ? (*several)->size() : members_.index();
  }
  bool empty() const { return std::holds_alternative<std::monostate>(members_); }

  // The set must not change meanwhile.
  template <typename Visit>
  void ForEach(Visit visit) const {
    if (const T* one = std::get_if<T>(&members_)) {
      visit(*one);
    } else if (const Elsewhere* several = std::get_if<Elsewhere>(&members_)) {
      for (const T& value : (*several)->few) visit(value);
      if (!(*several)->many) return;
      for (const T& value : *(*several)->many) visit(value);
    }
  }

 private:
  static constexpr size_t kFew = 16;
  // In one list or the other.
  struct Several {
    boost::container::small_vector<T, 3> few;
    std::unique_ptr<boost::unordered_flat_set<T, Hash>> many;  // null: see `few`

    size_t size() const { return many ? many->size() : few.size(); }
    bool Contains(const T& value) const {
      return many ? many->contains(value) : std::find(few.begin(), few.end(), value) != few.end();
    }
  };
  using Elsewhere = std::unique_ptr<Several>;

  static bool InsertInto(Several& several, T value) {
    auto& [few, many] = several;
    if (many) return many->insert(std::move(value)).second;
    if (several.Contains(value)) return false;
    if (few.size() < kFew) {
      few.push_back(std::move(value));
      return true;
    }
    many = std::make_unique<boost::unordered_flat_set<T, Hash>>(
        std::make_move_iterator(few.begin()), std::make_move_iterator(few.end()));
    few.clear();
    few.shrink_to_fit();
    return many->insert(std::move(value)).second;
  }
  static bool EraseFrom(Several& several, const T& value) {
    auto& [few, many] = several;
    if (many) return many->erase(value) > 0;
    const auto place = std::find(few.begin(), few.end(), value);
    if (place == few.end()) return false;
    if (place != few.end() - 1) *place = std::move(few.back());
    few.pop_back();
    return true;
  }

  std::variant<std::monostate, T, Elsewhere> members_;  // elsewhere: never none
};

}  // namespace sluice::store
