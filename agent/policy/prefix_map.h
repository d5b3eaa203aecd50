// PrefixMap: values by prefix, found by hash, and all of them within a prefix. Values stay where
// they are.
//
// Prefixes that differ in their last bits only lie in one block: a look-up does not walk an ordered
// tree with a leaf an address, and what lies within a prefix is still found without a look at all.
#pragma once

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "agent/policy/prefix_order.h"
#include "agent/store/owned_set.h"
#include "ofctl/base/hash.h"
#include "ofctl/base/ip.h"

namespace sluice::policy {

// The same in every process: names are made of it.
inline uint64_t NameHash(const Cidr& prefix) {
  const IpAddress::Bytes& bytes = prefix.network().bytes();
  const std::string_view view(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto family = static_cast<uint64_t>(prefix.family());
  return CombineHash(StableHash(view), family << 8 | prefix.length());
}

// Cheaper, for tables only.
struct PrefixHash {
  size_t operator()(const Cidr& prefix) const {
    uint64_t halves[2];
    static_assert(sizeof halves == sizeof(IpAddress::Bytes));
    std::memcpy(halves, prefix.network().bytes().data(), sizeof halves);
    const uint64_t kind = static_cast<uint64_t>(prefix.family()) << 8 | prefix.length();
    return MixBits(MixBits(halves[0] ^ kind) ^ halves[1]);
  }
};

template <typename Value>
class PrefixMap {
 public:
  using Node = std::pair<const Cidr, Value>;

  // Null if there is none.
  Node* Find(const Cidr& prefix) {
    const auto found = nodes_.find(prefix);
    return found == nodes_.end() ? nullptr : &**found;
  }
  const Node* Find(const Cidr& prefix) const {
    const auto found = nodes_.find(prefix);
    return found == nodes_.end() ? nullptr : &**found;
  }
  // A value made by default if there was none.
  Node& At(const Cidr& prefix) {
    if (Node* known = Find(prefix)) return *known;
    auto fresh = std::make_unique<Node>(prefix, Value());
    Node& node = *fresh;
    nodes_.insert(std::move(fresh));
    blocks_[BlockOf(prefix)].push_back(&node);
    return node;
  }
  void Erase(const Cidr& prefix) {
    const auto found = nodes_.find(prefix);
    if (found == nodes_.end()) return;
    const auto block = blocks_.find(BlockOf(prefix));
    std::erase(block->second, &**found);
    if (block->second.empty()) blocks_.erase(block);
    nodes_.erase(found);
  }

  // Calls visit(Node&) for all that `prefix` contains, in any order. They must stay meanwhile.
  template <typename Visit>
  void ForEachIn(const Cidr& prefix, Visit visit) {
    const Cidr first = BlockOf(prefix);
    for (auto block = blocks_.lower_bound(first); block != blocks_.end(); ++block) {
      if (!first.Contains(block->first)) return;
      for (Node* node : block->second) {
        if (prefix.Contains(node->first)) visit(*node);
      }
    }
  }
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const auto& node : nodes_) visit(*node);
  }
  size_t size() const { return nodes_.size(); }

 private:
  static constexpr uint8_t kBlockBits = 8;  // up to 511 prefixes a block

  struct ByPrefix {
    static const Cidr& KeyOf(const Node& node) { return node.first; }
    static uint64_t HashOf(const Cidr& prefix) { return PrefixHash()(prefix); }
  };

  // A prefix shorter than a block is a block of its own.
  static Cidr BlockOf(const Cidr& prefix) {
    const auto length = static_cast<uint8_t>(AddressBits(prefix.family()) - kBlockBits);
    return Cidr::Of(prefix.network(), std::min(prefix.length(), length));
  }

  store::OwnedSet<std::unique_ptr<Node>, ByPrefix> nodes_;
  std::map<Cidr, std::vector<Node*>, PrefixOrder> blocks_;  // never empty
};

}  // namespace sluice::policy
