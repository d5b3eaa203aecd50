// Question: "sluicectl why A B:PORT[/PROTO]" taken apart; nothing is looked up yet.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "agent/store/objects.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::explain {

struct NodeItself {
  friend bool operator==(const NodeItself&, const NodeItself&) = default;
};
// "namespace/pod" or "pod" (of namespace default), an address, or "node". A pod called "node" is
// "default/node".
using Party = std::variant<store::ObjectKey, IpAddress, NodeItself>;

std::string ToString(const Party& party);
Result<Party> ParseParty(std::string_view text);

struct Question {
  Party source;
  Party destination;
  std::variant<uint16_t, std::string> port;  // a number, or a name that the destination resolves
  store::Protocol protocol = store::Protocol::kTcp;
};

struct QuestionText {
  std::string source;
  std::string target;  // "B:PORT[/PROTO]"; an IPv6 address in brackets
};

// Errors name the part that is wrong.
Result<Question> ParseQuestion(const QuestionText& text);

}  // namespace sluice::explain
