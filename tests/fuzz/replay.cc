#include "tests/fuzz/replay.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "ofctl/flow_diff.h"
#include "tests/conformance/conntrack_shortcut.h"
#include "tests/fuzz/probe_pool.h"

namespace sluice::fuzz {

pipeline::NodePorts FuzzNode(pipeline::SctpPorts sctp) {
  return {.gateway = OfPort{kGatewayPort},
          .mac = MacAddress({0x0a, 0x58, 0x00, 0x00, 0x00, 0x01}),
          .addresses = {NodeAddress(IpFamily::kIPv4), NodeAddress(IpFamily::kIPv6)},
          .sctp = sctp};
}

Replay::Replay(const History& history, Tamper tamper)
    : validation_(history.validation),
      tamper_(std::move(tamper)),
      desired_(FuzzNode(history.sctp)) {
  // Not of the agent, and never matched but by a trace.
  desired_.flows().Set(conformance::ConntrackShortcut(FuzzNode(history.sctp)));
}

std::optional<std::string> Replay::Put(const boost::json::object& manifest) {
  const std::string text = boost::json::serialize(manifest);
  rapidjson::Document document;
  document.Parse(text.c_str(), text.size());
  decode::DecodeResult result = decode::DecodeObject(document, validation_);
  if (const auto* error = std::get_if<decode::DecodeError>(&result)) return error->ToString();
  auto& object = std::get<decode::DecodedObject>(result).object;
  if (!object) return "decode has no use for " + text;
  if (tamper_) tamper_(*object);
  const store::ObjectKind kind = store::KindOf(*object);
  const store::ObjectKey key = store::KeyOf(*object);
  desired_.Apply({store::StoreEvent{kind, key, std::move(object)}});
  return std::nullopt;
}

std::optional<std::string> Replay::Apply(const Event& event) {
  if (const auto* put = std::get_if<fuzz::Put>(&event)) return Put(put->manifest);
  if (const auto* gone = std::get_if<Delete>(&event)) {
    desired_.Apply({store::StoreEvent{gone->kind, gone->key, std::nullopt}});
  } else if (const auto* attach = std::get_if<Attach>(&event)) {
    desired_.PutEndpoint(attach->endpoint);
  } else {
    desired_.RemoveEndpoint(std::get<Detach>(event).id);
  }
  return std::nullopt;
}

std::string DifferenceFromScratch(const ofctl::FlowMap& flows, const History& history,
                                  const Tamper& tamper) {
  std::vector<Event> events = EndOf(history.events);
  std::reverse(events.begin(), events.end());  // endpoints first, namespaces last
  Replay scratch(history, tamper);
  for (const Event& event : events) scratch.Apply(event);
  const ofctl::FlowDelta delta = ofctl::Diff(scratch.desired().flows().Flows(), flows);
  if (!delta.remove.empty()) return "left over: " + ofctl::ToString(delta.remove.front());
  if (!delta.set.empty()) return "missing or otherwise: " + ofctl::ToString(delta.set.front());
  return "";
}

}  // namespace sluice::fuzz
