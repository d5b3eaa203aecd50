// Running one program to its end: input from memory, output to memory, with a deadline.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cni/env.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

struct ProgramSpec {
  std::string path;
  Environment environment;
  std::string_view input;
  size_t output_limit;  // bytes
  std::chrono::milliseconds timeout;
};

struct ProgramOutput {
  int exit_status;  // 128 + the signal, if one ended it
  std::string output;
};

// stderr is inherited. Timeout after killing it; Invalid for too much output; Internal, with the
// failed call, if it could not be run.
Result<ProgramOutput> RunProgram(const ProgramSpec& spec);

}  // namespace sluice::cni
