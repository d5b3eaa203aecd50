// Runner: takes cases through a level, in one mode or both, and tallies the verdicts.
#pragma once

#include <string>
#include <vector>

#include "tests/conformance/level.h"
#include "tests/conformance/tally.h"

namespace sluice::conformance {

// kJump: each step's listed state, from nothing. kReplay: one living state, action by action; it
// must arrive at the same flows as the jump does.
enum class Mode : uint8_t { kJump, kReplay };

class Runner {
 public:
  // Both borrowed.
  Runner(Level& level, Tally& tally) : level_(level), tally_(tally) {}

  // An error is the level's (the switch is gone), never a wrong verdict.
  Status Run(const std::string& file, const std::vector<Case>& cases,
             const std::vector<Mode>& modes);

 private:
  Status Jump(const Case& of, const std::string& place);
  Status Replay(const Case& of, const std::string& place);
  Status JudgeStep(Stage& stage, const Step& step, const std::string& place);
  void Count(const Step& step, const Table& table, const Outcomes& outcomes,
             const std::string& place);

  Level& level_;
  Tally& tally_;
};

}  // namespace sluice::conformance
