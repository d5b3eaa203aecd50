#include "tests/fuzz/journey.h"

#include <algorithm>

#include "ofctl/field.h"
#include "tests/fuzz/probe_pool.h"

namespace sluice::fuzz {
namespace {

// By which ports an address is reached from this bridge.
struct End {
  const store::Endpoint* endpoint = nullptr;  // one of them; null: behind the gateway
  std::vector<uint32_t> ports;
};

std::optional<End> EndAt(const oracle::Oracle& oracle, const IpAddress& address) {
  End end;
  for (const store::Endpoint* endpoint : oracle.view().OpenEndpointsAt(address)) {
    if (!endpoint->ofport) return std::nullopt;
    end.endpoint = endpoint;
    end.ports.push_back(endpoint->ofport->value);
  }
  if (end.ports.empty()) end.ports.push_back(kGatewayPort);
  return end;
}

bool Share(const std::vector<uint32_t>& a, const std::vector<uint32_t>& b) {
  return std::any_of(a.begin(), a.end(),
                     [&](uint32_t port) { return std::find(b.begin(), b.end(), port) != b.end(); });
}

MacAddress MacOf(const End& end) {
  return end.endpoint != nullptr ? end.endpoint->mac : FuzzNode({}).mac;
}

uint32_t PortOf(const End& end) {
  return end.endpoint != nullptr ? end.endpoint->ofport->value : kGatewayPort;
}

}  // namespace

std::optional<Journey> PlanJourney(const oracle::Oracle& oracle,
                                   const oracle::Connection& connection, bool allowed) {
  const auto source = EndAt(oracle, connection.source);
  const auto destination = EndAt(oracle, connection.destination);
  if (!source || !destination || Share(source->ports, destination->ports)) return std::nullopt;
  Journey journey{{PortOf(*source), MacOf(*source), {}},
                  {PortOf(*destination), MacOf(*destination), {}}};
  if (connection.opener == oracle::Opener::kThisNode) journey.request.in_port = ofctl::kPortLocal;
  if (allowed) {
    journey.request.exits = destination->ports;
    journey.reply.exits = source->ports;
  }
  return journey;
}

}  // namespace sluice::fuzz
