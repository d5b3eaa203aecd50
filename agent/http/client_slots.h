// ClientSlots: which connections may stay, so that no client, hostile or asleep, keeps another one
// out. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

#include "ofctl/base/strong_id.h"

namespace sluice::http {

using SlotId = StrongId<struct SlotIdTag, uint64_t>;

class ClientSlots {
 public:
  struct Limits {
    size_t total = 64;
    size_t per_client = 8;
  };
  struct Admission {
    SlotId id;
    std::optional<SlotId> evicted;  // has to make room: its slot is gone already
  };

  explicit ClientSlots(Limits limits) : limits_(limits) {}

  // Absent: this client has as many as one may have. When all slots are taken, the connection that
  // was served, or else admitted, the longest ago has to go.
  std::optional<Admission> Admit(const std::string& client);
  void Served(SlotId id);
  void Release(SlotId id);

  size_t size() const { return slots_.size(); }

 private:
  struct Slot {
    std::string client;
    std::list<SlotId>::iterator turn;
  };

  Limits limits_;
  uint64_t last_ = 0;
  std::map<SlotId, Slot> slots_;
  std::list<SlotId> turns_;  // the next to be evicted first
  std::map<std::string, size_t> per_client_;
};

}  // namespace sluice::http
