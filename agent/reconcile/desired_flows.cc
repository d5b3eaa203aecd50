#include "agent/reconcile/desired_flows.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace sluice::reconcile {

using ofctl::FlowBody;
using ofctl::FlowKey;
using pipeline::OwnerId;

void DesiredFlows::Set(pipeline::OwnedFlows owned) {
  Keys before;
  if (const auto known = keys_of_.find(owned.owner); known != keys_of_.end()) {
    before = std::move(known->second);
    keys_of_.erase(known);
  }
  Keys after;
  after.reserve(owned.flows.size());
  for (ofctl::Flow& flow : owned.flows) {
    after.push_back(&AddClaim(std::move(flow.key), {owned.owner, std::move(flow.body)}));
  }
  std::sort(after.begin(), after.end(), std::less<>());
  after.erase(std::unique(after.begin(), after.end()), after.end());
  for (const FlowKey* const key : before) {
    if (!std::binary_search(after.begin(), after.end(), key, std::less<>())) {
      Unclaim(*key, owned.owner);
    }
  }
  if (!after.empty()) keys_of_.emplace(owned.owner, std::move(after));
}

const FlowKey& DesiredFlows::AddClaim(FlowKey key, Claim claim) {
  auto& [kept, claims] = *claims_.try_emplace(std::move(key)).first;
  const auto place =
      std::lower_bound(claims.begin(), claims.end(), claim.owner,
                       [](const Claim& each, const OwnerId& owner) { return each.owner < owner; });
  if (place != claims.end() && place->owner == claim.owner) {
    if (place->body == claim.body) return kept;
    place->body = std::move(claim.body);
  } else {
    claims.insert(place, std::move(claim));
  }
  Touched(kept);
  return kept;
}

void DesiredFlows::Unclaim(const FlowKey& key, const OwnerId& owner) {
  Touched(key);
  const auto found = claims_.find(key);
  std::erase_if(found->second, [&](const Claim& claim) { return claim.owner == owner; });
  if (found->second.empty()) claims_.erase(found);  // and `key` with it
}

void DesiredFlows::Touched(const FlowKey& key) {
  if (!never_taken_) dirty_.insert(key);
  ++revision_.value;
}

std::optional<FlowBody> DesiredFlows::Find(const FlowKey& key) const {
  const auto found = claims_.find(key);
  if (found == claims_.end()) return std::nullopt;
  return found->second.front().body;
}

std::optional<OwnerId> DesiredFlows::OwnerOf(const FlowKey& key) const {
  const auto found = claims_.find(key);
  if (found == claims_.end()) return std::nullopt;
  return found->second.front().owner;
}

ofctl::FlowDelta DesiredFlows::TakeDelta(const ofctl::FlowMap& installed) {
  if (never_taken_) return TakeFullDelta(installed);
  ofctl::FlowDelta delta;
  for (const FlowKey& key : dirty_) {
    const auto wanted = claims_.find(key);
    const auto present = installed.find(key);
    if (wanted == claims_.end()) {
      if (present != installed.end()) delta.remove.push_back(key);
    } else if (present == installed.end() || present->second != wanted->second.front().body) {
      delta.set.push_back({key, wanted->second.front().body});
    }
  }
  dirty_.clear();
  return delta;
}

ofctl::FlowDelta DesiredFlows::TakeFullDelta(const ofctl::FlowMap& installed) {
  never_taken_ = false;
  dirty_.clear();
  ofctl::FlowDelta delta;
  if (installed.empty()) delta.set.reserve(claims_.size());
  size_t present_keys = 0;
  for (const auto& [key, claims] : claims_) {
    const auto present = installed.find(key);
    if (present != installed.end()) ++present_keys;
    if (present == installed.end() || present->second != claims.front().body) {
      delta.set.push_back({key, claims.front().body});
    }
  }
  if (present_keys == installed.size()) return delta;
  for (const auto& [key, body] : installed) {
    if (!claims_.contains(key)) delta.remove.push_back(key);
  }
  return delta;
}

ofctl::FlowMap DesiredFlows::Flows() const {
  ofctl::FlowMap flows;
  flows.reserve(claims_.size());
  for (const auto& [key, claims] : claims_) flows.emplace(key, claims.front().body);
  return flows;
}

}  // namespace sluice::reconcile
