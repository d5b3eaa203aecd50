// OwnerId: the thing a flow is there for. Owners replace their flows as a whole; the cookie of a
// flow names its owner to whoever reads dump-flows.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/policy/policy_engine.h"
#include "ofctl/base/hash.h"
#include "ofctl/base/ip.h"
#include "ofctl/field.h"
#include "ofctl/flow.h"

namespace sluice::pipeline {

enum class Category : uint8_t {
  kStatic = 1,    // misses, conntrack, commit, output
  kNode = 2,      // gateway and LOCAL port
  kEndpoint = 3,  // a pod of this node: gate, spoof guard, forwarding
  kAddress = 4,   // a prefix and its class
  kClass = 5,     // what rules and isolation mean for a class
  kRule = 6,      // a rule's decision
  kService = 7,   // a protocol and port that rules refer to
};

struct OwnerId {
  Category category = Category::kStatic;
  uint8_t kind = 0;    // side, direction
  uint16_t extra = 0;  // family and prefix length
  ofctl::Bits id;      // address, class, rule, service, hash of an attachment

  friend constexpr auto operator<=>(const OwnerId&, const OwnerId&) = default;
};

struct OwnedFlows {
  OwnerId owner;
  std::vector<ofctl::Flow> flows;  // all of them; none: the owner is gone
};

// category << 56 | kind << 48 | number: 0x0600... is a rule, its low 32 bits the conj_id.
constexpr uint64_t Cookie(const OwnerId& owner) {
  return static_cast<uint64_t>(owner.category) << 56 | uint64_t{owner.kind} << 48 |
         (owner.id.lo & 0xffffffff);
}

OwnerId AddressOwner(policy::Side side, const Cidr& prefix);
OwnerId ClassOwner(policy::Side side, policy::ClassId id);
OwnerId RuleOwner(store::Direction direction, policy::RuleId id);
OwnerId ServiceOwner(store::Direction direction, const policy::ServiceMatch& service);
OwnerId EndpointOwner(const store::AttachmentId& id);
// The other way round; only for owners of these categories.
Cidr PrefixOf(const OwnerId& address);
policy::ServiceMatch ServiceOf(const OwnerId& service);
inline constexpr OwnerId kStaticOwner{Category::kStatic, 0, 0, {}};
inline constexpr OwnerId kNodeOwner{Category::kNode, 0, 0, {}};

// "class 4021055 (destination)", "rule 12 (ingress)", for a person.
std::string ToString(const OwnerId& owner);

struct OwnerHash {
  size_t operator()(const OwnerId& owner) const {
    const uint64_t head =
        static_cast<uint64_t>(owner.category) << 32 | uint64_t{owner.kind} << 16 | owner.extra;
    return CombineHash(CombineHash(head, owner.id.hi), owner.id.lo);
  }
};

}  // namespace sluice::pipeline
