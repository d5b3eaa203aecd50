#include "tests/conformance/packets/drop_counter.h"

#include <charconv>

#include "agent/pipeline/tables.h"

namespace sluice::conformance {
namespace {

// The number after `name`= in the line; absent: there is none.
std::optional<uint64_t> Field(std::string_view line, std::string_view name) {
  const size_t at = line.find(std::string(name) + "=");
  if (at == std::string_view::npos) return std::nullopt;
  line.remove_prefix(at + name.size() + 1);
  uint64_t number = 0;
  const auto parsed = std::from_chars(line.data(), line.data() + line.size(), number);
  if (parsed.ec != std::errc()) return std::nullopt;
  return number;
}

// The command prints no names.
constexpr std::string_view kDrops = "actions=goto_table:110";
static_assert(pipeline::Number(pipeline::Table::kDrop) == 110);

bool IsIsolation(uint64_t table) {
  return table == pipeline::Number(pipeline::Table::kEgressDefault) ||
         table == pipeline::Number(pipeline::Table::kIngressDefault);
}

}  // namespace

Result<uint64_t> DroppedByIsolation(std::string_view flows) {
  uint64_t dropped = 0;
  while (!flows.empty()) {
    const size_t end = std::min(flows.find('\n'), flows.size());
    const std::string_view line = flows.substr(0, end);
    flows.remove_prefix(std::min(end + 1, flows.size()));
    const auto table = Field(line, "table_id");
    if (!table || !IsIsolation(*table) || !line.ends_with(kDrops)) continue;
    const auto packets = Field(line, "n_packets");
    if (!packets) return Internal("a flow without n_packets: " + std::string(line));
    dropped += *packets;
  }
  return dropped;
}

Result<uint64_t> DropCounter::Read() {
  // The revalidators count and correct the megaflows, one sweep after the other. A pause and what
  // follows begins a new one now; the next end of a sweep is therefore that of a whole one
  // (after ours, if that was faster than the third call).
  SLUICE_ASSIGN_OR_RETURN(const auto replies, control_.Call({{"revalidator/pause", {}},
                                                             {"revalidator/resume", {}},
                                                             {"revalidator/wait", {}},
                                                             {"bridge/dump-flows", {bridge_}}}));
  return DroppedByIsolation(replies.back());
}

}  // namespace sluice::conformance
