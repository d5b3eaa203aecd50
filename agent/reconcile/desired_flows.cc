#include "agent/reconcile/desired_flows.h"

#include <algorithm>
#include <functional>
#include <utility>

namespace sluice::reconcile {

using ofctl::FlowBody;
using ofctl::FlowKey;
using pipeline::OwnerId;

void DesiredFlows::Set(pipeline::OwnedFlows owned) {
  const auto known = owned.flows.empty() ? claimed_by_.find(owned.owner)
                                         : claimed_by_.try_emplace(owned.owner).first;
  if (known == claimed_by_.end()) return;
  const AllClaimed before = std::exchange(known->second, {});
  AllClaimed after;
  after.reserve(owned.flows.size());
  for (ofctl::Flow& flow : owned.flows) {
    after.push_back(&AddClaim(std::move(flow.key), {owned.owner, std::move(flow.body)}));
  }
  std::sort(after.begin(), after.end(), std::less<>());
  after.erase(std::unique(after.begin(), after.end()), after.end());
  for (Claimed* const claimed : before) {
    if (!std::binary_search(after.begin(), after.end(), claimed, std::less<>())) {
      Unclaim(*claimed, owned.owner);
    }
  }
  if (after.empty()) {
    claimed_by_.erase(known);
  } else {
    known->second = std::move(after);
  }
}

DesiredFlows::Claimed& DesiredFlows::AddClaim(FlowKey key, Claim claim) {
  auto known = claimed_.find(key);
  if (known == claimed_.end()) {
    known = claimed_.insert(std::make_unique<Claimed>(Claimed{std::move(key), {}})).first;
  }
  Claimed& claimed = **known;
  auto& claims = claimed.claims;
  const auto place =
      std::lower_bound(claims.begin(), claims.end(), claim.owner,
                       [](const Claim& each, const OwnerId& owner) { return each.owner < owner; });
  if (place != claims.end() && place->owner == claim.owner) {
    if (place->body == claim.body) return claimed;
    place->body = std::move(claim.body);
  } else {
    claims.insert(place, std::move(claim));
  }
  Touched(claimed.key);
  return claimed;
}

void DesiredFlows::Unclaim(Claimed& claimed, const OwnerId& owner) {
  Touched(claimed.key);
  auto& claims = claimed.claims;
  claims.erase(std::remove_if(claims.begin(), claims.end(),
                              [&](const Claim& claim) { return claim.owner == owner; }),
               claims.end());
  if (claims.empty()) claimed_.erase(claimed_.find(claimed.key));
}

void DesiredFlows::Touched(const FlowKey& key) {
  if (!never_taken_) dirty_.insert(key);
  ++revision_.value;
}

std::optional<FlowBody> DesiredFlows::Find(const FlowKey& key) const {
  const auto found = claimed_.find(key);
  if (found == claimed_.end()) return std::nullopt;
  return (*found)->claims.front().body;
}

std::optional<OwnerId> DesiredFlows::OwnerOf(const FlowKey& key) const {
  const auto found = claimed_.find(key);
  if (found == claimed_.end()) return std::nullopt;
  return (*found)->claims.front().owner;
}

ofctl::FlowDelta DesiredFlows::TakeDelta(const ofctl::FlowMap& installed) {
  if (never_taken_) return TakeFullDelta(installed);
  ofctl::FlowDelta delta;
  for (const FlowKey& key : dirty_) {
    const auto wanted = claimed_.find(key);
    const auto present = installed.find(key);
    if (wanted == claimed_.end()) {
      if (present != installed.end()) delta.remove.push_back(key);
    } else if (present == installed.end() || present->second != (*wanted)->claims.front().body) {
      delta.set.push_back({key, (*wanted)->claims.front().body});
    }
  }
  dirty_.clear();
  return delta;
}

ofctl::FlowDelta DesiredFlows::TakeFullDelta(const ofctl::FlowMap& installed) {
  never_taken_ = false;
  dirty_.clear();
  ofctl::FlowDelta delta;
  if (installed.empty()) delta.set.reserve(claimed_.size());
  size_t present_keys = 0;
  for (const auto& claimed : claimed_) {
    const auto& [key, claims] = *claimed;
    const auto present = installed.find(key);
    if (present != installed.end()) ++present_keys;
    if (present == installed.end() || present->second != claims.front().body) {
      delta.set.push_back({key, claims.front().body});
    }
  }
  if (present_keys == installed.size()) return delta;
  for (const auto& [key, body] : installed) {
    if (!claimed_.contains(key)) delta.remove.push_back(key);
  }
  return delta;
}

ofctl::FlowMap DesiredFlows::Flows() const {
  ofctl::FlowMap flows;
  flows.reserve(claimed_.size());
  for (const auto& claimed : claimed_) {
    flows.emplace(claimed->key, claimed->claims.front().body);
  }
  return flows;
}

}  // namespace sluice::reconcile
