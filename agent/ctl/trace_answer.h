// What ofproto/trace answered, and what the answers to a connection's three questions say together
// (agent/pipeline/trace_request.h). Pure.
#pragma once

#include <string>
#include <string_view>

#include "ofctl/base/result.h"

namespace sluice::ctl {

struct TraceAnswer {
  enum class Fate : uint8_t { kDropped, kConntrack, kOutput };
  Fate fate = Fate::kDropped;
  std::string port;       // kOutput: by its name
  std::string last_flow;  // that it matched, as trace prints it; of a drop, the one that decided it
};

// Of a first pass: what comes after a recirculation is not looked at.
Result<TraceAnswer> ReadTrace(std::string_view reply);

struct TraceAnswers {
  TraceAnswer from_port;
  TraceAnswer first_packet;
  TraceAnswer later_packet;
};

struct SwitchVerdict {
  std::string verdict;  // "allowed", "denied"; "unknown": its answers do not go together
  std::string words;
};

// `output` is the port by which an allowed packet leaves.
SwitchVerdict VerdictOf(const TraceAnswers& answers, const std::string& output);

}  // namespace sluice::ctl
