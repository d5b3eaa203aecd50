#include "ofctl/plain_flow.h"

#include "ofctl/plain_actions.h"
#include "ofctl/wire_bits.h"

namespace sluice::ofctl {
namespace {

// OpenFlow 1.5, 7.3.4.2: header and flow_mod, up to the match.
constexpr size_t kFlowMod = 48;
constexpr uint8_t kVersion = 6;
constexpr uint8_t kTypeFlowMod = 14;
constexpr uint8_t kAdd = 0;
constexpr uint8_t kDeleteStrict = 4;
constexpr uint8_t kNoTable = UINT8_MAX;

// 7.3.5.2: struct ofp_flow_desc up to the match, and the statistics between match and instructions.
constexpr size_t kFlowDesc = 24;
constexpr size_t kStatsHeader = 4;
constexpr uint16_t kBasicStats = 0x8002;

void PutHead(Xid xid, const FlowKey& key, const FlowBody* body, uint8_t* at) {
  at[0] = kVersion;
  at[1] = kTypeFlowMod;
  Put32(xid.value, at + 4);
  if (body != nullptr) Put64(body->cookie, at + 8);
  at[24] = key.table;
  at[25] = body != nullptr ? kAdd : kDeleteStrict;
  Put16(key.priority, at + 30);
  for (size_t i = 32; i < 44; ++i) at[i] = UINT8_MAX;  // no buffer; any port, any group
}

// How long the statistics at the start of `bytes` are. Absent: not as the switch writes them.
std::optional<size_t> SkipStats(std::span<const uint8_t> bytes) {
  if (bytes.size() < kStatsHeader) return std::nullopt;
  const size_t length = Get16(bytes.data() + 2);
  const size_t size = Padded(length);
  if (length < kStatsHeader || size > bytes.size()) return std::nullopt;
  for (size_t offset = kStatsHeader; offset < length;) {
    if (length - offset < kStatsHeader || Get16(bytes.data() + offset) != kBasicStats) {
      return std::nullopt;
    }
    offset += kStatsHeader + bytes[offset + 3];
    if (offset > length) return std::nullopt;
  }
  return size;
}

}  // namespace

Plain AppendPlain(Xid xid, const FlowKey& key, const FlowBody* body, Message& out) {
  if (key.table == kNoTable || (body != nullptr && body->cookie == UINT64_MAX)) return Plain::kNo;
  const size_t start = out.size();
  out.resize(start + kFlowMod);
  PutHead(xid, key, body, out.data() + start);
  const bool plain = AppendPlain(key.match, out) == Plain::kYes &&
                     (body == nullptr || AppendPlain(body->actions, out) == Plain::kYes) &&
                     out.size() - start <= UINT16_MAX;
  if (!plain) {
    out.resize(start);
    return Plain::kNo;
  }
  Put16(static_cast<uint16_t>(out.size() - start), out.data() + start + 2);
  return Plain::kYes;
}

std::optional<Flow> ReadPlainFlow(std::span<const uint8_t> entry) {
  if (entry.size() < kFlowDesc) return std::nullopt;
  const uint8_t* const at = entry.data();
  // Timeouts, flags, importance: Sluice never writes them.
  if (!AllZero(entry.subspan(8, 8))) return std::nullopt;
  std::optional<PlainMatch> match = ReadPlainMatch(entry.subspan(kFlowDesc));
  if (!match) return std::nullopt;
  const auto rest = entry.subspan(kFlowDesc + match->size);
  const std::optional<size_t> stats = SkipStats(rest);
  if (!stats) return std::nullopt;
  std::optional<Actions> actions = ReadPlainActions(rest.subspan(*stats));
  if (!actions) return std::nullopt;
  return Flow{{at[4], Get16(at + 6), std::move(match->match)},
              {Get64(at + 16), *std::move(actions)}};
}

}  // namespace sluice::ofctl
