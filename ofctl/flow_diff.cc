#include "ofctl/flow_diff.h"

namespace sluice::ofctl {

FlowDelta Diff(const FlowMap& desired, const FlowMap& installed) {
  FlowDelta delta;
  for (const auto& [key, body] : installed) {
    if (!desired.contains(key)) delta.remove.push_back(key);
  }
  for (const auto& [key, body] : desired) {
    const auto present = installed.find(key);
    if (present == installed.end() || present->second != body) delta.set.push_back({key, body});
  }
  return delta;
}

void Apply(FlowDelta delta, FlowMap& flows) {
  for (const FlowKey& key : delta.remove) flows.erase(key);
  if (flows.empty()) flows.reserve(delta.set.size());
  for (Flow& flow : delta.set) flows.insert_or_assign(std::move(flow.key), std::move(flow.body));
}

}  // namespace sluice::ofctl
