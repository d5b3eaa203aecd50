#include "tests/conformance/trace_text.h"

#include <algorithm>
#include <vector>

#include "agent/pipeline/fields.h"

namespace sluice::conformance {
namespace {

constexpr char kClientPort[] = "40000";
constexpr std::string_view kActions = "Datapath actions: ";

std::string Lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

// Splits at the commas that stand in no bracket.
std::vector<std::string> Split(std::string_view actions) {
  std::vector<std::string> parts(1);
  int depth = 0;
  for (const char c : actions) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    if (c == ',' && depth == 0) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// One line a pass through the pipeline; a packet that conntrack sends back passes again.
std::vector<std::string> ActionLines(std::string_view reply) {
  std::vector<std::string> lines;
  while (!reply.empty()) {
    const size_t end = std::min(reply.find('\n'), reply.size());
    const std::string_view line = reply.substr(0, end);
    if (line.starts_with(kActions)) lines.emplace_back(line.substr(kActions.size()));
    reply.remove_prefix(std::min(end + 1, reply.size()));
  }
  return lines;
}

bool IsOutput(const std::string& action) {
  return !action.empty() && action.find('(') == std::string::npos && action != "drop";
}

bool Recirculates(const std::string& actions) {
  return actions.find("recirc(") != std::string::npos;
}

}  // namespace

std::string UntrackedFlow(const TracedPacket& packet) {
  const std::string protocol = Lower(std::string(store::ToString(packet.service.protocol)));
  const bool v4 = packet.source.is_v4();
  const std::string address = v4 ? "nw" : "ipv6";
  return "in_port=" + std::to_string(packet.in_port.value) + "," + protocol + (v4 ? "" : "6") +
         ",dl_src=" + packet.source_mac.ToString() +
         ",dl_dst=" + packet.destination_mac.ToString() + "," + address +
         "_src=" + packet.source.ToString() + "," + address +
         "_dst=" + packet.destination.ToString() + ",nw_ttl=64," + protocol +
         "_src=" + kClientPort + "," + protocol + "_dst=" + std::to_string(packet.service.port);
}

std::string TrackedFlow(const TracedPacket& packet) {
  const std::string address = packet.source.is_v4() ? "ct_nw" : "ct_ipv6";
  return UntrackedFlow(packet) +
         ",ct_state=trk|new,ct_zone=" + std::to_string(pipeline::ZoneOf(packet.source.family())) +
         "," + address + "_src=" + packet.source.ToString() + "," + address +
         "_dst=" + packet.destination.ToString() +
         ",ct_nw_proto=" + std::to_string(static_cast<int>(packet.service.protocol)) +
         ",ct_tp_src=" + kClientPort + ",ct_tp_dst=" + std::to_string(packet.service.port);
}

Result<TraceVerdict> ReadTrace(std::string_view reply) {
  const std::vector<std::string> lines = ActionLines(reply);
  if (lines.empty()) return Invalid("a trace without datapath actions:\n" + std::string(reply));
  TraceVerdict verdict;
  for (size_t i = 0; i < lines.size(); ++i) {
    const bool last = i + 1 == lines.size();
    for (const std::string& action : Split(lines[i])) {
      verdict.tracked = verdict.tracked || action.starts_with("ct(");
      if (!IsOutput(action)) continue;
      if (verdict.output || !last) return Invalid("more than one output: " + lines[i]);
      verdict.output = action;
    }
    if (Recirculates(lines[i]) == last || (last && !verdict.output && lines[i] != "drop")) {
      return Invalid("neither one output nor a drop: " + lines[i]);
    }
  }
  return verdict;
}

}  // namespace sluice::conformance
