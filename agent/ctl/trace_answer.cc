#include "agent/ctl/trace_answer.h"

#include <algorithm>
#include <string>

#include "agent/pipeline/tables.h"

namespace sluice::ctl {
namespace {

using Fate = TraceAnswer::Fate;

constexpr std::string_view kActions = "Datapath actions: ";

std::string_view Trimmed(std::string_view line) {
  const size_t first = line.find_first_not_of(' ');
  return first == std::string_view::npos ? std::string_view() : line.substr(first);
}

// "85. ct_state=..., priority 100": the table's number, then a dot. Not where all that is dropped
// ends: the flow before it has decided that.
bool IsDecidingFlow(std::string_view line) {
  static const std::string kDropTable = std::to_string(pipeline::Number(pipeline::Table::kDrop));
  const size_t dot = line.find_first_not_of("0123456789");
  return dot != std::string_view::npos && dot > 0 && line.substr(dot).starts_with(". ") &&
         line.substr(0, dot) != kDropTable;
}

// What follows the last comma outside all brackets.
std::string_view LastAction(std::string_view actions) {
  int depth = 0;
  for (size_t i = actions.size(); i > 0; --i) {
    const char c = actions[i - 1];
    depth += c == ')' ? 1 : c == '(' ? -1 : 0;
    if (c == ',' && depth == 0) return actions.substr(i);
  }
  return actions;
}

Result<TraceAnswer> ReadActions(std::string_view actions, std::string last_flow) {
  TraceAnswer answer{Fate::kDropped, "", std::move(last_flow)};
  const std::string_view last = LastAction(actions);
  if (last.starts_with("recirc(")) {
    answer.fate = Fate::kConntrack;
  } else if (last.find('(') == std::string_view::npos && last != "drop") {
    answer.fate = Fate::kOutput;
    answer.port = last;
  } else if (actions != "drop") {
    return Invalid("neither an output nor a drop: " + std::string(actions));
  }
  return answer;
}

std::string Words(const TraceAnswer& answer) {
  switch (answer.fate) {
    case Fate::kDropped:
      return "is dropped at " + answer.last_flow;
    case Fate::kConntrack:
      return "goes to conntrack";
    case Fate::kOutput:
      return "leaves by " + answer.port;
  }
  return "?";
}

}  // namespace

Result<TraceAnswer> ReadTrace(std::string_view reply) {
  std::string last_flow;
  while (!reply.empty()) {
    const size_t end = std::min(reply.find('\n'), reply.size());
    const std::string_view line = Trimmed(reply.substr(0, end));
    if (line.starts_with(kActions)) {
      return ReadActions(line.substr(kActions.size()), std::move(last_flow));
    }
    if (IsDecidingFlow(line)) last_flow = line;
    reply.remove_prefix(std::min(end + 1, reply.size()));
  }
  return Invalid("a trace without datapath actions");
}

SwitchVerdict VerdictOf(const TraceAnswers& answers, const std::string& output) {
  const TraceAnswer& first = answers.first_packet;
  const TraceAnswer& later = answers.later_packet;
  if (answers.from_port.fate != Fate::kConntrack) {
    return {"denied", "a packet " + Words(answers.from_port) + ", before conntrack"};
  }
  if (first.fate == Fate::kDropped && later.fate == Fate::kDropped) {
    return {"denied", "a packet " + Words(first)};
  }
  const auto leaves = [&output](const TraceAnswer& answer) {
    return answer.fate == Fate::kOutput && answer.port == output;
  };
  if (leaves(first) && leaves(later)) return {"allowed", "a packet " + Words(later)};
  return {"unknown", "the first packet " + Words(first) + ", a later one " + Words(later) +
                         "; one of an allowed connection leaves by " + output};
}

}  // namespace sluice::ctl
