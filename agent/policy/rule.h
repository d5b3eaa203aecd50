// Rule: "these subjects may talk to these peers about these services", in one direction. What a
// NetworkPolicy's rule is after its selectors became predicates and its ports became masks.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/policy/address_classes.h"
#include "agent/policy/port_masks.h"
#include "agent/store/objects.h"

namespace sluice::policy {

// Ports of one protocol; a mask of 0 is every port of it.
//
// Or the later IP fragments of one protocol: they carry no port (on the userspace datapath, where
// conntrack hands fragments on as such), and are let through where some port of the protocol is.
// The first fragment is judged by its port; without it nothing is ever reassembled.
struct ServiceMatch {
  enum class Part : uint8_t { kPorts, kLaterFragments };

  store::Protocol protocol = store::Protocol::kTcp;
  PortMask port;
  Part part = Part::kPorts;

  static ServiceMatch LaterFragmentsOf(store::Protocol protocol) {
    return {protocol, {0, 0}, Part::kLaterFragments};
  }
  // Whether a connection to that port is meant.
  bool Matches(uint8_t ip_protocol, uint16_t number) const {
    return part == Part::kPorts && ip_protocol == static_cast<uint8_t>(protocol) &&
           (number & port.mask) == port.value;
  }
  std::string ToString() const;  // "TCP:80/65535": number and mask
  friend auto operator<=>(const ServiceMatch&, const ServiceMatch&) = default;
};

// Which rule of which policy: spec.ingress[index] or spec.egress[index].
struct RuleOrigin {
  store::ObjectKey policy;
  store::Direction direction = store::Direction::kIngress;
  size_t index = 0;

  std::string ToString() const;  // "default/web ingress[0]"
  friend auto operator<=>(const RuleOrigin&, const RuleOrigin&) = default;
};

// Rules that say the same are equal: a predicate has one id.
struct Rule {
  PredicateId subject;
  // Absent: any peer. Present and empty never occurs: a rule that allows nothing is no rule.
  std::optional<PredicateSet> peers;
  std::optional<std::vector<ServiceMatch>> services;  // sorted, unique; absent: any

  // What it asks of a connection: its subject, and its peers and services unless any will do.
  uint8_t dimensions() const {
    return static_cast<uint8_t>(1 + (peers ? 1 : 0) + (services ? 1 : 0));
  }
  friend bool operator==(const Rule&, const Rule&) = default;
};

// Names a rule in flows (conj_id) and in conntrack labels; from 1, per direction.
using RuleId = StrongId<struct RuleIdTag>;

// 28 bits: collisions are rare among 100,000 rules, and a conj_id stays short to read.
inline constexpr uint32_t kRuleIdSlots = (1u << 28) - 1;

}  // namespace sluice::policy
