// A conformance case as data: what the cluster looks like, step by step, and which connections are
// expected to be let through. Whatever file format it came from.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/objects.h"

namespace sluice::conformance {

struct ClusterState {
  std::map<std::string, store::Namespace> namespaces;
  std::map<store::ObjectKey, store::Pod> pods;
  std::map<store::ObjectKey, store::NetworkPolicy> policies;

  // One object changed, came or went.
  void Apply(const store::StoreEvent& event);
  // What makes this state from nothing.
  std::vector<store::StoreEvent> Events() const;

  friend bool operator==(const ClusterState&, const ClusterState&) = default;
};

store::StoreEvent PutEvent(store::Object object);
store::StoreEvent DeleteEvent(store::ObjectKind kind, const store::ObjectKey& key);

// One end of a connection: a pod of the state, or an address outside of the cluster.
struct End {
  std::string name;  // "x/a", "10.0.0.1"
  IpAddress ip;
  std::optional<store::ObjectKey> pod;
};

enum class Expected : uint8_t { kAllowed, kDenied };

// Whose word: both directions' together, or one direction's own.
enum class View : uint8_t { kCombined, kIngress, kEgress };
std::string_view ToString(View view);

struct Cell {
  uint32_t source = 0;       // index into Step::ends
  uint32_t destination = 0;  // the same
  Expected expected = Expected::kAllowed;
};

struct Service {
  store::Protocol protocol = store::Protocol::kTcp;
  uint16_t port = 0;
  std::string ToString() const;  // "TCP/80"
  friend auto operator<=>(const Service&, const Service&) = default;
};

struct Table {
  Service service;
  View view = View::kCombined;
  std::vector<Cell> cells;
  // Cells that the file does not judge, or not as a NetworkPolicy engine must: reason, number.
  std::map<std::string, uint64_t> left_out;
};

struct Step {
  // By action; one action may be several events (a namespace takes its objects with it).
  std::vector<std::vector<store::StoreEvent>> actions;
  ClusterState state;  // after the actions
  std::vector<End> ends;
  std::vector<Table> tables;
};

struct Case {
  std::string id;
  ClusterState before;  // the first step's actions
  std::vector<Step> steps;
};

}  // namespace sluice::conformance
