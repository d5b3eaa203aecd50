#include "agent/part_specs.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/pipeline/tables.h"

namespace sluice {
namespace {

// By convention the gateway port asks for this number: readable, and the same after a re-creation.
constexpr OfPort kGatewayOfPort{1};

}  // namespace

ovsdb::BridgeSpec BridgeSpecOf(const Options& options) {
  const MacAddress mac = store::MacFor(options.gateways());
  ovsdb::BridgeSpec spec{
      .name = options.bridge,
      .datapath_type = options.datapath == netlink::Datapath::kNetdev ? "netdev" : "system",
      .tables = {},
      .gateway = {.name = options.gateway_port, .ofport = kGatewayOfPort, .mac = mac},
      .local_mac = mac};
  for (const pipeline::TableSpec& table : pipeline::kTables) {
    ovsdb::FlowTableRow row{pipeline::Number(table.table), std::string(table.name), {}};
    for (std::string_view rest = table.prefixes; !rest.empty();) {
      const size_t comma = std::min(rest.find(','), rest.size());
      row.prefixes.emplace_back(rest.substr(0, comma));
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    spec.tables.push_back(std::move(row));
  }
  return spec;
}

pipeline::NodePorts NodePortsOf(const Options& options) {
  return {.gateway = kGatewayOfPort,
          .mac = store::MacFor(options.gateways()),
          .addresses = options.gateways(),
          .sctp = options.datapath == netlink::Datapath::kNetdev
                      ? pipeline::SctpPorts::kFromHeader
                      : pipeline::SctpPorts::kFromConntrack};
}

ofctl::OvsBridge::Spec BridgeConnectionOf(const Options& options) {
  ofctl::OvsBridge::Spec spec;
  spec.connection.socket_path = options.mgmt_socket();
  return spec;
}

NodeRouting::Spec NodeRoutingSpecOf(const Options& options) {
  std::vector<Cidr> pod_cidrs;
  for (const netlink::NodeNetwork& network : options.networks) {
    pod_cidrs.push_back(network.pod_cidr);
  }
  return {.self = {.name = options.node_name, .pod_cidrs = std::move(pod_cidrs)},
          .pod_devices = {options.gateway_port, options.bridge},
          .not_masqueraded = options.not_masqueraded};
}

cni_server::CniServerSpec CniSpecOf(const Options& options, metrics::Latencies& latencies) {
  cni_server::CniServerSpec spec;
  spec.socket_path = options.cni_socket();
  spec.answered = [&latencies](const cni_server::Answered& answered) {
    latencies.Answered({.verb = answered.verb, .result = answered.result, .took = answered.took});
  };
  return spec;
}

}  // namespace sluice
