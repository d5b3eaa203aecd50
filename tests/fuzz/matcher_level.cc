#include <algorithm>

#include "agent/pipeline/fields.h"
#include "agent/pipeline/tables.h"
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
  if (outcome.port) return text;
  text += ", after tables";
  for (const uint8_t table : outcome.tables) text += " " + std::to_string(table);
  return text;
}

// On the userspace datapath it is not conntrack that remembers an SCTP association, but a flow that
// the switch learns.
bool IsLearned(const Question& question, pipeline::SctpPorts sctp) {
  return question.connection.ip_protocol == ofctl::kProtoSctp &&
         sctp == pipeline::SctpPorts::kFromHeader;
}

class Judgement {
 public:
  explicit Judgement(const reconcile::DesiredState& desired)
      : flows_(desired.flows().Flows()), sctp_(desired.node().sctp), matcher_(flows_) {}

  Answer operator()(const Question& question) const {
    if (!question.journey) return {"never on this bridge", false, true};
    Answer answer{"", true, true};
    const Outcome request = matcher_.Trace(Request(question));
    Expect("request", request, question.journey->request, answer);
    const bool allowed = !question.journey->request.exits.empty();
    if (!IsLearned(question, sctp_)) {
      const Outcome reply = matcher_.Trace(Reply(question));
      Expect("reply", reply, question.journey->reply, answer);
      // What is refused leaves no entry in conntrack; only the first packet makes one.
      ExpectIs(request.committed == allowed && !reply.committed, "committed otherwise", answer);
      return answer;
    }
    ExpectIs(!request.committed && request.learned.empty() != allowed, "learned otherwise", answer);
    // What was learned while it was allowed outlives the permission, and opens nothing then.
    const Outcome learned = allowed ? request : Permissive().Trace(Request(question));
    ExpectIs(!learned.learned.empty(), "never learned", answer);
    Expect("reply", WithLearned(learned).Trace(Reply(question)), question.journey->reply, answer);
    return answer;
  }

 private:
  // The same flows, but that no class is isolated.
  const fakes::FlowMatcher& Permissive() const {
    if (permissive_) return *permissive_;
    ofctl::FlowMap flows = flows_;
    boost::unordered::erase_if(flows, [](const auto& flow) {
      const bool isolates = flow.first.table == pipeline::Number(pipeline::Table::kEgressDefault) ||
                            flow.first.table == pipeline::Number(pipeline::Table::kIngressDefault);
      return isolates && flow.first.priority != pipeline::priority::kMiss;
    });
    return permissive_.emplace(flows);
  }
  static void ExpectIs(bool right, const char* otherwise, Answer& answer) {
    if (right) return;
    answer.right = false;
    answer.text += std::string("; ") + otherwise;
  }
  static void Expect(const char* what, const Outcome& outcome, const Leg& leg, Answer& answer) {
    answer.text += (answer.text.empty() ? "" : "; ") + std::string(what) + " " + ToString(outcome);
    if (!Left(outcome, leg)) answer.right = false;
    if (outcome.ambiguity.empty()) return;
    answer.right = false;
    answer.text += "; two flows at one priority: " + outcome.ambiguity;
  }
  fakes::FlowMatcher WithLearned(const Outcome& request) const {
    ofctl::FlowMap flows = flows_;
    for (const ofctl::Flow& flow : request.learned) flows[flow.key] = flow.body;
    return fakes::FlowMatcher(flows);
  }

  ofctl::FlowMap flows_;
  pipeline::SctpPorts sctp_;
  fakes::FlowMatcher matcher_;
  mutable std::optional<fakes::FlowMatcher> permissive_;
};

class MatcherLevel : public Level {
 public:
  std::string name() const override { return "matcher"; }

  Result<std::vector<Answer>> Ask(Replay& replay, const std::vector<Question>& questions) override {
    const Judgement judge(replay.desired());
    std::vector<Answer> answers;
    for (const Question& question : questions) answers.push_back(judge(question));
    return answers;
  }
};

}  // namespace

std::unique_ptr<Level> MakeMatcherLevel() { return std::make_unique<MatcherLevel>(); }

}  // namespace sluice::fuzz
