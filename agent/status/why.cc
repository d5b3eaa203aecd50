#include "agent/status/why.h"

#include <algorithm>
#include <optional>

#include "agent/explain/explain.h"
#include "agent/pipeline/trace_request.h"

namespace sluice::status {
namespace {

using explain::JudgedBy;
using explain::Outcome;
using explain::PathExplanation;
using explain::Place;
using pipeline::Origin;
using reconcile::DesiredState;

struct Trace {
  pipeline::TracedConnection connection;
  std::string output;  // the port by which an allowed packet leaves
};

// Null while the address is no open port's of the switch.
const store::Endpoint* EndpointAt(const DesiredState& desired, const IpAddress& address) {
  for (const auto& [id, state] : desired.store().endpoints()) {
    const auto& ips = state.endpoint.ips;
    const bool open = state.gate == store::Gate::kOpen && state.endpoint.ofport;
    if (open && std::find(ips.begin(), ips.end(), address) != ips.end()) return &state.endpoint;
  }
  return nullptr;
}

// An error if such packets do not pass this node's bridge; it says why.
Result<Trace> TraceOf(const DesiredState& desired, const SwitchNames& names,
                      const PathExplanation& path, store::Protocol protocol) {
  const bool from_here = path.source_place == Place::kHere;
  const bool to_here = path.destination_place == Place::kHere;
  if (!from_here && !to_here) return NotFound("neither end is attached to this bridge");
  if (!path.source_address || !path.destination_address) return NotFound("an address is missing");
  if (*path.source_address == *path.destination_address) {
    return NotFound("the bridge never sees such a packet");
  }
  Trace trace{.connection = {.in_port = desired.node().gateway,
                             .origin = Origin::kGateway,
                             .source_mac = desired.node().mac,
                             .destination_mac = desired.node().mac,
                             .source = *path.source_address,
                             .destination = *path.destination_address,
                             .protocol = protocol,
                             .port = path.port},
              .output = names.gateway_port};
  if (from_here) {
    const store::Endpoint* source = EndpointAt(desired, *path.source_address);
    if (source == nullptr) return NotFound("the switch has no port for " + path.source + " yet");
    trace.connection.in_port = *source->ofport;
    trace.connection.origin = Origin::kPod;
    trace.connection.source_mac = source->mac;
  } else if (path.source_place == Place::kNodeItself) {
    trace.connection.in_port = OfPort{ofctl::kPortLocal};
    trace.connection.origin = Origin::kNode;
  }
  if (to_here) {
    const store::Endpoint* destination = EndpointAt(desired, *path.destination_address);
    if (destination == nullptr) {
      return NotFound("the switch has no port for " + path.destination + " yet");
    }
    trace.output = destination->host_ifname;
  }
  return trace;
}

// What the engine says of the directions that are judged here: it must be what the explanation says
// of them.
std::optional<Outcome> EngineOutcome(const DesiredState& desired, const PathExplanation& path,
                                     store::Protocol protocol) {
  if (!path.source_address || !path.destination_address) return std::nullopt;
  if (*path.source_address == *path.destination_address) return Outcome::kAllowed;
  const policy::Verdict verdict = desired.policy().Judge(
      {*path.source_address, *path.destination_address, static_cast<uint8_t>(protocol), path.port});
  const bool exempt = path.source_place == Place::kNodeItself;
  const bool allowed = verdict.egress.allowed() && (exempt || verdict.ingress.allowed());
  return allowed ? Outcome::kAllowed : Outcome::kDenied;
}

void Put(JsonWriter& out, const char* key, std::string_view text) {
  out.Key(key);
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void WriteCall(JsonWriter& out, const char* key, const pipeline::TraceCall& call) {
  out.Key(key);
  out.StartObject();
  Put(out, "method", call.method);
  out.Key("parameters");
  out.StartArray();
  for (const std::string& parameter : call.parameters) out.String(parameter.c_str());
  out.EndArray();
  out.EndObject();
}

void WriteTrace(JsonWriter& out, const SwitchNames& names, const Result<Trace>& trace) {
  if (!trace.ok()) {
    out.Key("switch");
    out.StartObject();
    Put(out, "verdict", "unknown");
    out.Key("agrees");
    out.Null();
    Put(out, "words", trace.error().message());
    out.EndObject();
    return;
  }
  const pipeline::TraceRequest request =
      pipeline::MakeTraceRequest(names.bridge, trace->connection);
  out.Key("trace");
  out.StartObject();
  Put(out, "rundir", names.ovs_rundir);
  Put(out, "output", trace->output);
  WriteCall(out, "fromPort", request.from_port);
  WriteCall(out, "firstPacket", request.first_packet);
  WriteCall(out, "laterPacket", request.later_packet);
  out.EndObject();
}

}  // namespace

void WriteWhy(JsonWriter& out, const DesiredState& desired, const SwitchNames& names,
              const explain::Question& question) {
  const explain::View view{.store = desired.store(), .node_addresses = desired.node().addresses};
  WriteExplanation(out, explain::Explain(view, question),
                   [&](JsonWriter& writer, const PathExplanation& path) {
                     const auto engine = EngineOutcome(desired, path, question.protocol);
                     if (engine) Put(writer, "engine", explain::ToString(*engine));
                     WriteTrace(writer, names, TraceOf(desired, names, path, question.protocol));
                   });
}

}  // namespace sluice::status
