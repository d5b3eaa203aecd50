#include <algorithm>

#include "tests/fakes/flow_matcher.h"
#include "tests/fuzz/level.h"

namespace sluice::fuzz {
namespace {

using fakes::FiveTuple;
using fakes::Outcome;
using fakes::Packet;

constexpr uint16_t kClientPort = 40000;

FiveTuple TupleOf(const oracle::Connection& connection) {
  // Protocols without ports have none on either side.
  const uint16_t from = connection.port == 0 ? uint16_t{0} : kClientPort;
  return {connection.source, connection.destination, connection.ip_protocol, from, connection.port};
}

Packet Request(const Question& question) {
  Packet packet;
  packet.in_port = question.journey->request.in_port;
  packet.eth_source = question.journey->request.source_mac;
  packet.ip = packet.original = TupleOf(question.connection);
  return packet;
}

Packet Reply(const Question& question) {
  Packet packet;
  packet.in_port = question.journey->reply.in_port;
  packet.eth_source = question.journey->reply.source_mac;
  packet.original = TupleOf(question.connection);
  packet.ip = packet.original.Reversed();
  packet.ct_state = ofctl::kCtTrk | ofctl::kCtEst | ofctl::kCtRpl;
  packet.ct_mark = question.connection.opener == oracle::Opener::kThisNode ? 1 : 0;
  return packet;
}

bool Left(const Outcome& outcome, const Leg& leg) {
  if (!outcome.port) return leg.exits.empty();
  return std::find(leg.exits.begin(), leg.exits.end(), *outcome.port) != leg.exits.end();
}

std::string ToString(const Outcome& outcome) {
  std::string text = outcome.port ? "leaves by " + std::to_string(*outcome.port) : "dropped";
  if (outcome.port || outcome.tables.empty()) return text;
  return text + " in table " + std::to_string(outcome.tables.back());
}

Answer Judge(const fakes::FlowMatcher& matcher, const Question& question) {
  if (!question.journey) return {"never on this bridge", false, true};
  const Outcome request = matcher.Trace(Request(question));
  const Outcome reply = matcher.Trace(Reply(question));
  Answer answer{"request " + ToString(request) + "; reply " + ToString(reply), true, true};
  const Journey& journey = *question.journey;
  answer.right = Left(request, journey.request) && Left(reply, journey.reply);
  // What is refused leaves no entry in conntrack; only the first packet makes one.
  if (request.committed != !journey.request.exits.empty() || reply.committed) {
    answer.right = false;
    answer.text += request.committed ? "; request committed" : "; request not committed";
    if (reply.committed) answer.text += "; reply committed";
  }
  for (const std::string& ambiguity : {request.ambiguity, reply.ambiguity}) {
    if (ambiguity.empty()) continue;
    answer.right = false;
    answer.text += "; two flows at one priority: " + ambiguity;
  }
  return answer;
}

class MatcherLevel : public Level {
 public:
  std::string name() const override { return "matcher"; }

  Result<std::vector<Answer>> Ask(Replay& replay, const std::vector<Question>& questions) override {
    const fakes::FlowMatcher matcher(replay.desired().flows().Flows());
    std::vector<Answer> answers;
    for (const Question& question : questions) answers.push_back(Judge(matcher, question));
    return answers;
  }
};

}  // namespace

std::unique_ptr<Level> MakeMatcherLevel() { return std::make_unique<MatcherLevel>(); }

}  // namespace sluice::fuzz
