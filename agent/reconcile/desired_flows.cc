#include "agent/reconcile/desired_flows.h"

#include <algorithm>

namespace sluice::reconcile {

using ofctl::FlowBody;
using ofctl::FlowKey;
using pipeline::OwnerId;

void DesiredFlows::Set(const pipeline::OwnedFlows& owned) {
  std::vector<FlowKey> before;
  if (const auto known = keys_of_.find(owned.owner); known != keys_of_.end()) {
    before = std::move(known->second);
    keys_of_.erase(known);
  }
  std::vector<FlowKey> after;
  after.reserve(owned.flows.size());
  for (const ofctl::Flow& flow : owned.flows) {
    Claims(flow.key, {owned.owner, flow.body});
    after.push_back(flow.key);
  }
  std::sort(after.begin(), after.end());
  for (const FlowKey& key : before) {
    if (!std::binary_search(after.begin(), after.end(), key)) Unclaim(key, owned.owner);
  }
  if (!after.empty()) keys_of_.emplace(owned.owner, std::move(after));
}

void DesiredFlows::Claims(const FlowKey& key, Claim claim) {
  std::vector<Claim>& claims = claims_[key];
  const auto place =
      std::lower_bound(claims.begin(), claims.end(), claim.owner,
                       [](const Claim& each, const OwnerId& owner) { return each.owner < owner; });
  if (place != claims.end() && place->owner == claim.owner) {
    if (place->body == claim.body) return;
    place->body = std::move(claim.body);
  } else {
    claims.insert(place, std::move(claim));
  }
  Touched(key);
}

void DesiredFlows::Unclaim(const FlowKey& key, const OwnerId& owner) {
  const auto found = claims_.find(key);
  std::erase_if(found->second, [&](const Claim& claim) { return claim.owner == owner; });
  if (found->second.empty()) claims_.erase(found);
  Touched(key);
}

void DesiredFlows::Touched(const FlowKey& key) {
  dirty_.insert(key);
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

ofctl::FlowDelta DesiredFlows::FullDelta(const ofctl::FlowMap& installed) const {
  ofctl::FlowDelta delta;
  for (const auto& [key, body] : installed) {
    if (!claims_.contains(key)) delta.remove.push_back(key);
  }
  for (const auto& [key, claims] : claims_) {
    const auto present = installed.find(key);
    if (present == installed.end() || present->second != claims.front().body) {
      delta.set.push_back({key, claims.front().body});
    }
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
