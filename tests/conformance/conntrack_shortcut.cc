#include "tests/conformance/conntrack_shortcut.h"

#include "agent/pipeline/flow_parts.h"

namespace sluice::conformance {
namespace {

using pipeline::Origin;

// An owner that no part of the pipeline has.
constexpr pipeline::OwnerId kShortcutOwner{pipeline::Category::kStatic, 0xff, 0, {}};
constexpr uint16_t kNodePriority = 65535;
constexpr uint16_t kPodPriority = 65534;

ofctl::Flow ShortcutFlow(uint16_t priority, ofctl::Match match, Origin origin) {
  return pipeline::MakeFlow(pipeline::Cookie(kShortcutOwner),
                            {pipeline::Table::kClassifier,
                             priority,
                             std::move(match),
                             {pipeline::Load(pipeline::kOrigin, static_cast<uint64_t>(origin)),
                              pipeline::GoTo(pipeline::Table::kConntrackState)}});
}

}  // namespace

pipeline::OwnedFlows ConntrackShortcut(const pipeline::NodePorts& node) {
  pipeline::OwnedFlows shortcut{kShortcutOwner, {}};
  for (const IpFamily family : pipeline::kFamilies) {
    const auto tracked = [family] {
      return ofctl::Match().CtState({.set = ofctl::kCtTrk, .clear = 0}).Ip(family);
    };
    shortcut.flows.push_back(
        ShortcutFlow(kNodePriority, tracked().InPort(node.gateway), Origin::kGateway));
    shortcut.flows.push_back(
        ShortcutFlow(kNodePriority, tracked().InPort(OfPort{ofctl::kPortLocal}), Origin::kNode));
    shortcut.flows.push_back(ShortcutFlow(kPodPriority, tracked(), Origin::kPod));
  }
  return shortcut;
}

}  // namespace sluice::conformance
