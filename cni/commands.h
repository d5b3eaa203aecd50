// The verbs of the plugin: what a runtime asks, over IPAM and the agent, to what it is told.
#pragma once

#include <chrono>
#include <string>

#include "cni/env.h"

namespace sluice::cni {

struct Timeouts {
  std::chrono::milliseconds agent{30'000};  // for the agent to do its part
  // Beyond that: the agent undoes a late ADD before it answers.
  std::chrono::milliseconds grace{5'000};
  std::chrono::milliseconds status{5'000};  // for the agent to answer STATUS
  std::chrono::milliseconds ipam{30'000};
};

struct Invocation {
  Environment environment;
  std::string input;  // stdin
  Timeouts timeouts;
};

struct Outcome {
  int exit_status = 0;
  std::string output;  // for stdout: a result, an error, or nothing
};

// Runs the command that the environment names. Every failure is a CNI error in the output.
Outcome RunCommand(const Invocation& invocation);

}  // namespace sluice::cni
