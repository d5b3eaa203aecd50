// Entries of a dump, as a switch that took a flow_mod would write them: OpenFlow 1.5, 7.3.5.2.
#pragma once

#include <vector>

#include "ofctl/codec.h"

namespace sluice::ofctl {

inline void Put(uint64_t value, size_t size, Message& out) {
  for (size_t i = size; i > 0; --i) out.push_back(static_cast<uint8_t>(value >> 8 * (i - 1)));
}

inline uint16_t Read16(const Message& message, size_t offset) {
  return static_cast<uint16_t>(message[offset] << 8 | message[offset + 1]);
}

struct StatsExtra {
  uint16_t idle_timeout = 0;
  uint16_t flags = 0;
  uint16_t importance = 0;
};

// Of the flow that `flow_mod` adds.
inline Message StatsEntry(const Message& flow_mod, const StatsExtra& extra = {}) {
  constexpr size_t kMatch = 48;
  const size_t match = (Read16(flow_mod, kMatch + 2) + 7u) / 8 * 8;
  const size_t instructions = flow_mod.size() - kMatch - match;
  Message entry;
  Put(24 + match + 8 + instructions, 2, entry);
  Put(0, 2, entry);
  entry.push_back(flow_mod[24]);  // table
  Put(0, 1, entry);
  Put(Read16(flow_mod, 30), 2, entry);  // priority
  Put(extra.idle_timeout, 2, entry);
  Put(0, 2, entry);
  Put(extra.flags, 2, entry);
  Put(extra.importance, 2, entry);
  entry.insert(entry.end(), flow_mod.begin() + 8, flow_mod.begin() + 16);  // cookie
  entry.insert(entry.end(), flow_mod.begin() + kMatch,
               flow_mod.begin() + static_cast<std::ptrdiff_t>(kMatch + match));
  Put(0x00000004, 4, entry);  // statistics: none
  Put(0, 4, entry);
  entry.insert(entry.end(), flow_mod.begin() + static_cast<std::ptrdiff_t>(kMatch + match),
               flow_mod.end());
  return entry;
}

inline constexpr Xid kStatsXid{77};

inline Message StatsReply(const std::vector<Message>& entries, uint16_t flags = 0) {
  size_t size = 16;
  for (const Message& entry : entries) size += entry.size();
  Message reply = {6, 19};
  Put(size, 2, reply);
  Put(kStatsXid.value, 4, reply);
  Put(1, 2, reply);  // OFPMP_FLOW_DESC
  Put(flags, 2, reply);
  Put(0, 4, reply);
  for (const Message& entry : entries) reply.insert(reply.end(), entry.begin(), entry.end());
  return reply;
}

}  // namespace sluice::ofctl
