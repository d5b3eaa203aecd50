// StaticFlows: what every node's bridge holds whatever is attached to it. Pure.
#pragma once

#include "agent/pipeline/owner.h"

namespace sluice::pipeline {

OwnedFlows RenderStatic();

// The ports by which the node itself and everything behind it reach the bridge.
struct NodePorts {
  OfPort gateway;
  MacAddress mac;     // of the gateway port and of LOCAL
  IpAddress address;  // the pods' gateway

  friend bool operator==(const NodePorts&, const NodePorts&) = default;
};

OwnedFlows RenderNode(const NodePorts& ports);

}  // namespace sluice::pipeline
