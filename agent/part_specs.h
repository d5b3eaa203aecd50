// What the agent's parts are made with, as the command line has it. Pure.
#pragma once

#include "agent/cni_server/cni_server.h"
#include "agent/metrics/latencies.h"
#include "agent/node_routing.h"
#include "agent/options.h"
#include "agent/ovsdb/switch_database.h"
#include "agent/pipeline/static_flows.h"
#include "ofctl/ovs_bridge.h"

namespace sluice {

ovsdb::BridgeSpec BridgeSpecOf(const Options& options);
pipeline::NodePorts NodePortsOf(const Options& options);
ofctl::OvsBridge::Spec BridgeConnectionOf(const Options& options);
NodeRouting::Spec NodeRoutingSpecOf(const Options& options);
// `latencies` is borrowed: it hears of every answer.
cni_server::CniServerSpec CniSpecOf(const Options& options, metrics::Latencies& latencies);

}  // namespace sluice
