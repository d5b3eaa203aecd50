#include <glog/logging.h>

#include <algorithm>

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

// A switch that follows one history event by event, as the agent makes it: what it holds has been
// changed flow by flow, not written anew.
class TraceLevel : public Level {
 public:
  std::string name() const override { return "trace"; }

  Result<std::vector<Answer>> Ask(Replay& replay, const std::vector<Question>& questions) override {
    SLUICE_RETURN_IF_ERROR(Follow(replay));
    const pipeline::SctpPorts sctp = replay.desired().node().sctp;
    std::vector<std::vector<std::string>> calls;
    for (const Question& question : questions) {
      if (!question.journey) continue;
      calls.push_back({"--names", conformance::kBridge, TrackedFlow(question, sctp)});
    }
    SLUICE_ASSIGN_OR_RETURN(const auto replies, control_.Call("ofproto/trace", calls));
    std::vector<Answer> answers;
    size_t next = 0;
    for (const Question& question : questions) {
      if (!question.journey) {
        answers.push_back({"never on this bridge", false, true});
        continue;
      }
      const auto verdict = conformance::ReadTrace(replies[next]);
      if (!verdict.ok()) return verdict.error().Context(calls[next].back());
      ++next;
      const std::string text = verdict->output ? "leaves by " + *verdict->output : "dropped";
      answers.push_back({text, true, Left(*verdict, question.journey->request)});
    }
    return answers;
  }

  void Forget() override { followed_ = nullptr; }

 private:
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
