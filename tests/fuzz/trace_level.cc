#include <glog/logging.h>

#include <algorithm>

#include "ofctl/field.h"
#include "tests/conformance/switch_follower.h"
#include "tests/conformance/trace_text.h"
#include "tests/conformance/unixctl_client.h"
#include "tests/fuzz/level.h"
#include "tests/fuzz/traced_flow.h"

namespace sluice::fuzz {
namespace {

using conformance::SwitchFollower;
using conformance::TraceVerdict;

bool Left(const TraceVerdict& verdict, const Leg& leg) {
  if (!verdict.output) return leg.exits.empty();
  return std::any_of(leg.exits.begin(), leg.exits.end(), [&](uint32_t port) {
    return *verdict.output == SwitchFollower::PortName(OfPort{port});
  });
}

// Of no pod, ever.
IpAddress NobodysOf(IpFamily family) {
  if (family == IpFamily::kIPv4) return IpAddress::FromV4(0xc6336401);  // 198.51.100.1
  return IpAddress::FromV6({0x20, 0x01, 0x0d, 0xb8, 0xff});
}

// Now and then, of pods: it takes two traces more.
constexpr std::ptrdiff_t kGateEvery = 8;

bool AsksTheGate(const Question& question, const std::vector<Question>& among) {
  return (&question - among.data()) % kGateEvery == 0 &&
         question.journey->request.in_port != kGatewayPort &&
         question.journey->request.in_port != ofctl::kPortLocal;
}

void Expect(bool holds, const char* otherwise, Answer& answer) {
  if (holds) return;
  answer.right = false;
  answer.text += std::string("; ") + otherwise;
}

// A switch that follows one history event by event, as the agent makes it: what it holds has been
// changed flow by flow, not written anew.
class TraceLevel : public Level {
 public:
  std::string name() const override { return "trace"; }

  Result<std::vector<Answer>> Ask(Replay& replay, const std::vector<Question>& questions) override {
    SLUICE_RETURN_IF_ERROR(Follow(replay));
    const pipeline::SctpPorts sctp = replay.desired().node().sctp;
    std::vector<std::string> flows;
    for (const Question& question : questions) {
      if (!question.journey) continue;
      flows.push_back(TrackedFlow(question, sctp));
      if (!AsksTheGate(question, questions)) continue;
      flows.push_back(UntrackedFlow(question));
      flows.push_back(UntrackedFlow(question, NobodysOf(question.connection.source.family())));
    }
    SLUICE_ASSIGN_OR_RETURN(const auto verdicts, Trace(flows));
    std::vector<Answer> answers;
    auto next = verdicts.begin();
    for (const Question& question : questions) {
      if (!question.journey) {
        answers.push_back({"never on this bridge", false, true});
        continue;
      }
      const TraceVerdict& verdict = *next++;
      answers.push_back({verdict.output ? "leaves by " + *verdict.output : "dropped", true,
                         Left(verdict, question.journey->request)});
      if (!AsksTheGate(question, questions)) continue;
      // What the trace of a tracked packet jumps over.
      Expect(next++->tracked, "its sender may not send it", answers.back());
      Expect(!next++->tracked, "its sender may send from another address", answers.back());
    }
    return answers;
  }

  void Forget() override { followed_ = nullptr; }

 private:
  Result<std::vector<TraceVerdict>> Trace(const std::vector<std::string>& flows) {
    std::vector<conformance::UnixctlCall> calls;
    for (const std::string& flow : flows) {
      calls.push_back({"ofproto/trace", {"--names", conformance::kBridge, flow}});
    }
    SLUICE_ASSIGN_OR_RETURN(const auto replies, control_.Call(calls));
    std::vector<TraceVerdict> verdicts;
    for (size_t i = 0; i < replies.size(); ++i) {
      const auto verdict = conformance::ReadTrace(replies[i]);
      if (!verdict.ok()) return verdict.error().Context(flows[i]);
      verdicts.push_back(*verdict);
    }
    return verdicts;
  }

  Status Follow(Replay& replay) {
    if (!switch_) {
      switch_ = std::make_unique<SwitchFollower>();
      SLUICE_RETURN_IF_ERROR(control_.Connect(switch_->sandbox().vswitchd_control()));
    }
    for (const auto& [id, state] : replay.desired().store().endpoints()) {
      if (state.endpoint.ofport) switch_->EnsurePort(*state.endpoint.ofport);
    }
    const auto whose =
        followed_ == &replay ? SwitchFollower::Whose::kSameAsBefore : SwitchFollower::Whose::kNew;
    followed_ = &replay;
    return switch_->Follow(replay.desired(), whose);
  }

  std::unique_ptr<SwitchFollower> switch_;
  conformance::UnixctlClient control_;
  const Replay* followed_ = nullptr;  // compared, never looked into
};

}  // namespace

std::unique_ptr<Level> MakeTraceLevel() { return std::make_unique<TraceLevel>(); }

}  // namespace sluice::fuzz
