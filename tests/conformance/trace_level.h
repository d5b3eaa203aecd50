// TraceLevel: programs a real switch and asks its ofproto/trace about every connection.
//
// A trace cannot pass conntrack and keep the original tuple, so it starts behind it: two flows of
// this level's own take a tracked packet from the Classifier straight to ConntrackState. What they
// jump over, gate and spoof guard, is checked by an untracked trace a pod.
#pragma once

#include <memory>

#include "tests/conformance/level.h"
#include "tests/conformance/switch_follower.h"
#include "tests/conformance/trace_text.h"
#include "tests/conformance/unixctl_client.h"

namespace sluice::conformance {

class TraceLevel : public Level {
 public:
  void Equip(Stage& stage) override;
  Status Follow(Stage& stage) override;
  bool Judges(View view) const override { return view == View::kCombined; }
  Result<std::vector<Outcomes>> Judge(Stage& stage, const std::vector<End>& ends,
                                      const std::vector<Table>& tables) override;
  Result<std::vector<Check>> CheckPods(Stage& stage, const std::vector<End>& ends) override;

 private:
  Status Start();
  Result<Outcomes> JudgeTable(const Stage& stage, const std::vector<End>& ends, const Table& table);
  Result<std::vector<TraceVerdict>> Trace(const std::vector<std::string>& flows);

  std::unique_ptr<SwitchFollower> switch_;
  UnixctlClient control_;
  const Stage* followed_ = nullptr;  // compared, never looked into
};

}  // namespace sluice::conformance
