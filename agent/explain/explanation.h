// Explanation: the verdict on a connection and every reason for it, as data. status writes it as
// JSON, sluicectl as text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/store/objects.h"
#include "ofctl/base/ip.h"

namespace sluice::explain {

// Whether a test holds. kUnknown: it asks for an address that nobody knows yet.
enum class Match : uint8_t { kNo, kUnknown, kYes };

enum class Outcome : uint8_t { kAllowed, kDenied, kUnknown };
std::string_view ToString(Outcome outcome);  // "allowed"
// Allowed if both are; denied if one is.
Outcome Both(Outcome a, Outcome b);

// One test and what came of it, in words.
struct Finding {
  Match match = Match::kNo;
  std::string words;
};

// spec.ingress[index] or spec.egress[index] of a policy that isolates.
struct RuleFinding {
  size_t index = 0;
  Match match = Match::kNo;
  Match peers = Match::kNo;
  Match ports = Match::kNo;
  // One if the peers match: both halves. Else each peer's miss, the nearest first, then the ports.
  std::vector<std::string> words;
};

struct PolicyFinding {
  store::ObjectKey policy;
  std::vector<RuleFinding> rules;
};

// Where an end of the connection is, seen from this node.
enum class Place : uint8_t {
  kHere,         // a pod of this node: its directions are judged here
  kElsewhere,    // a pod that is not attached here: its own node judges its directions
  kNodeItself,   // this node's own voice, host-network pods of this node included
  kPerhapsNode,  // a host-network pod, it is not known of which node
  kOutside,      // nobody's that policies could select
};

// Who enforces a direction.
enum class JudgedBy : uint8_t { kThisNode, kOtherNode, kNobody };
std::string_view ToString(JudgedBy judge);  // "this node"

struct DirectionExplanation {
  store::Direction direction = store::Direction::kIngress;
  Outcome outcome = Outcome::kAllowed;
  JudgedBy judged_by = JudgedBy::kNobody;
  bool isolated = false;
  std::string words;                    // the outcome in one sentence
  std::vector<PolicyFinding> policies;  // those that isolate, sorted by key
};

// "default/web ingress[0]": the rules of which `match` came out.
std::vector<std::string> RulesWith(const DirectionExplanation& judged, Match match);

// One family: a dual-stack pair has two.
struct PathExplanation {
  std::string source;  // "10.244.0.5 (shop/client)"
  std::string destination;
  Place source_place = Place::kOutside;
  Place destination_place = Place::kOutside;
  std::optional<IpAddress> source_address;  // absent: not known yet
  std::optional<IpAddress> destination_address;
  uint16_t port = 0;
  Outcome outcome = Outcome::kAllowed;
  DirectionExplanation egress{.direction = store::Direction::kEgress, .words = {}, .policies = {}};
  DirectionExplanation ingress{
      .direction = store::Direction::kIngress, .words = {}, .policies = {}};
  std::vector<std::string> notes;
};

struct Explanation {
  store::Protocol protocol = store::Protocol::kTcp;
  Outcome outcome = Outcome::kUnknown;
  std::vector<PathExplanation> paths;  // none: there is nothing to judge, the notes say why
  std::vector<std::string> notes;
};

}  // namespace sluice::explain
