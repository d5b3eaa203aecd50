// History: what a cluster and a node went through, event by event. Whatever fails is a history and
// a connection, so that it can be run again, shrunk and printed.
#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <variant>
#include <vector>

#include "agent/decode/object_decoder.h"
#include "agent/pipeline/node_ports.h"
#include "agent/store/endpoint.h"
#include "agent/store/objects.h"
#include "tests/oracle/node_view.h"

namespace sluice::fuzz {

// An object is there, or is there in another form.
struct Put {
  boost::json::object manifest;
};
struct Delete {
  store::ObjectKind kind;
  store::ObjectKey key;
};
struct Attach {
  store::Endpoint endpoint;
};
struct Detach {
  store::AttachmentId id;
};
using Event = std::variant<Put, Delete, Attach, Detach>;

struct History {
  decode::Validation validation = decode::Validation::kCreate;
  pipeline::SctpPorts sctp = pipeline::SctpPorts::kFromConntrack;
  std::vector<Event> events;
};

struct ManifestId {
  store::ObjectKind kind;
  store::ObjectKey key;
  friend auto operator<=>(const ManifestId&, const ManifestId&) = default;
};
ManifestId IdOf(const boost::json::object& manifest);

// The oracle's reading of what is there after one event more.
void Apply(const Event& event, oracle::Cluster& cluster);

// What is there in the end, one event a thing.
std::vector<Event> EndOf(const std::vector<Event>& events);

std::string ToString(const Event& event);  // "put Pod a/p0", "detach a-p0/eth0"

}  // namespace sluice::fuzz
