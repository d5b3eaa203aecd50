// End: one end of a connection as policy sees it: an address, and the pods that have it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/explain/explanation.h"
#include "agent/explain/question.h"
#include "agent/store/cluster_store.h"

namespace sluice::explain {

// A pod that policies may select.
struct PodAtEnd {
  store::ObjectKey key;
  std::shared_ptr<const store::Labels> labels;
  std::vector<store::ContainerPort> named_ports;
};

struct End {
  Place place = Place::kOutside;
  std::string name;  // as asked: "shop/db", "node", "203.0.113.10"
  std::optional<IpAddress> address;
  std::optional<Cidr> range;  // without an address: where it will be, if that is known
  // Usually one. An address may be claimed by several; a pod of this node counts before all others.
  std::vector<PodAtEnd> pods;

  // Absent while nothing is known of its address.
  std::optional<IpFamily> family() const;
  // "10.244.0.5 (shop/client)", "203.0.113.10", or "shop/client" without an address.
  std::string ToString() const;
};

// From where the question is asked.
struct View {
  // Whose directions are judged: those of the pods attached here, or, away from any node, all.
  enum class Judged : uint8_t { kAttached, kAll };
  const store::ClusterStore& store;
  std::vector<IpAddress> node_addresses;  // at most one a family
  Judged judged = Judged::kAttached;
  // Where the pods without an address will have theirs; at most one a family.
  std::vector<Cidr> pod_ranges = {};
};

struct Ends {
  std::vector<End> of_family;  // one a family that it has; one without an address if it has none
  std::vector<std::string> notes;
};

// An error for what no packet can come from or go to: no such pod, a pod that has finished.
Result<Ends> Resolve(const View& view, const Party& party);

}  // namespace sluice::explain
