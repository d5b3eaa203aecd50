#include "agent/http/client_slots.h"

namespace sluice::http {

std::optional<ClientSlots::Admission> ClientSlots::Admit(const std::string& client) {
  const auto held = per_client_.find(client);
  if (held != per_client_.end() && held->second >= limits_.per_client) return std::nullopt;
  Admission admission;
  if (slots_.size() >= limits_.total) {
    admission.evicted = turns_.front();
    Release(turns_.front());
  }
  admission.id = SlotId{++last_};
  slots_.emplace(admission.id, Slot{client, turns_.insert(turns_.end(), admission.id)});
  ++per_client_[client];
  return admission;
}

void ClientSlots::Served(SlotId id) {
  const auto slot = slots_.find(id);
  if (slot != slots_.end()) turns_.splice(turns_.end(), turns_, slot->second.turn);
}

void ClientSlots::Release(SlotId id) {
  const auto slot = slots_.find(id);
  if (slot == slots_.end()) return;
  const auto held = per_client_.find(slot->second.client);
  if (--held->second == 0) per_client_.erase(held);
  turns_.erase(slot->second.turn);
  slots_.erase(slot);
}

}  // namespace sluice::http
