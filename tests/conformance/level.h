// Level: where a connection is judged: by the policy engine, or by a real switch.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/conformance/stage.h"

namespace sluice::conformance {

enum class Outcome : uint8_t { kAllowed, kDenied };

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
  // One outcome a cell, in the order of the table.
  virtual Result<std::vector<Outcome>> Judge(Stage& stage, const std::vector<End>& ends,
                                             const Table& table) = 0;
  virtual Result<std::vector<Check>> CheckPods(Stage&, const std::vector<End>&) {
    return std::vector<Check>();
  }
};

// Asks agent/policy, direction by direction.
class EngineLevel : public Level {
 public:
  bool Judges(View) const override { return true; }
  Result<std::vector<Outcome>> Judge(Stage& stage, const std::vector<End>& ends,
                                     const Table& table) override;
};

policy::Connection ConnectionOf(const std::vector<End>& ends, const Service& service,
                                const Cell& cell);
Outcome OutcomeOf(const policy::Verdict& verdict, View view);

}  // namespace sluice::conformance
