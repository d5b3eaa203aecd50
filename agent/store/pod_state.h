// PodState: a pod as policy sees it.
#pragma once

#include <memory>
#include <vector>

#include "agent/store/objects.h"

namespace sluice::store {

enum class Locality : uint8_t { kRemote, kLocal };

// A pod with an address of its own, as policy sees it. Host-network pods and pods that have
// finished are not on the pod network (netpol rules 45b, 51).
struct PodState {
  ObjectKey key;
  std::shared_ptr<const Labels> labels;
  std::vector<IpAddress> ips;  // sorted, unique
  Locality locality = Locality::kRemote;
  std::vector<ContainerPort> named_ports;  // those with a name; sorted, unique

  friend bool operator==(const PodState& a, const PodState& b) {
    return a.key == b.key && *a.labels == *b.labels && a.ips == b.ips && a.locality == b.locality &&
           a.named_ports == b.named_ports;
  }
};

}  // namespace sluice::store
