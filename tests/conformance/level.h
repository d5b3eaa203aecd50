// Level: where a connection is judged: by the policy engine, by a real switch's trace, or by real
// packets.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/conformance/stage.h"

namespace sluice::conformance {

// kLost: the connection did not come to pass, and nothing says that a policy is why.
enum class Outcome : uint8_t { kAllowed, kDenied, kLost };
using Outcomes = std::vector<Outcome>;

// A statement beside the truth tables, about one pod: "takes its own address".
struct Check {
  std::string statement;
  bool holds = false;
};

class Level {
 public:
  virtual ~Level() = default;

  // Called once for each new stage, before anything else.
  virtual void Equip(Stage&) {}
  // Makes what judges follow the stage. Between two calls for one stage, events were applied to it.
  virtual Status Follow(Stage&) { return Ok(); }

  virtual bool Judges(View view) const = 0;
  // Why no connection between the two can be judged here; absent: it can.
  virtual std::optional<std::string> WhyNot(const End&, const End&) const { return std::nullopt; }
  // One outcome a cell, in the order of each table.
  virtual Result<std::vector<Outcomes>> Judge(Stage& stage, const std::vector<End>& ends,
                                              const std::vector<Table>& tables) = 0;
  virtual Result<std::vector<Check>> CheckPods(Stage&, const std::vector<End>&) {
    return std::vector<Check>();
  }
};

// Asks agent/policy, direction by direction.
class EngineLevel : public Level {
 public:
  bool Judges(View) const override { return true; }
  Result<std::vector<Outcomes>> Judge(Stage& stage, const std::vector<End>& ends,
                                      const std::vector<Table>& tables) override;
};

policy::Connection ConnectionOf(const std::vector<End>& ends, const Service& service,
                                const Cell& cell);
Outcome OutcomeOf(const policy::Verdict& verdict, View view);

}  // namespace sluice::conformance
