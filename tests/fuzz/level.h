// Level: somebody who is asked about connections: the engine, its flows through a matcher of our
// own, or its flows in a real switch.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/fuzz/journey.h"
#include "tests/fuzz/replay.h"

namespace sluice::fuzz {

struct Question {
  oracle::Connection connection;
  oracle::Verdict expected;
  std::optional<Journey> journey;
};

struct Answer {
  std::string text;    // "egress isolated, allowed; ingress open"
  bool asked = false;  // false: it is nothing this level sees
  bool right = false;
};

class Level {
 public:
  virtual ~Level() = default;
  virtual std::string name() const = 0;
  // One a question. An error only if it could not be asked.
  virtual Result<std::vector<Answer>> Ask(Replay& replay,
                                          const std::vector<Question>& questions) = 0;
  // The replay asked last is gone: it must not be taken for the next one.
  virtual void Forget() {}
};

std::unique_ptr<Level> MakeEngineLevel();
std::unique_ptr<Level> MakeMatcherLevel();
// Starts an Open vSwitch of its own (dummy datapath, no packets, no root) when first asked.
std::unique_ptr<Level> MakeTraceLevel();

std::string ToString(const oracle::Verdict& verdict);
std::string ToString(const oracle::Connection& connection);

}  // namespace sluice::fuzz
