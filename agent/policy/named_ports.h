// NamedPorts: which numbers each port name stands for on the pods there are. Pure.
//
// A rule that names a port means another number on another pod (netpol rule 31). Rules are made for
// the numbers in use; whoever made some hears when a name has gained or lost a number.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "agent/store/cluster_store.h"

namespace sluice::policy {

// A port is looked up by both: one name may stand for a TCP port on one pod and a UDP port on
// another (netpol rule 35).
struct PortName {
  store::Protocol protocol = store::Protocol::kTcp;
  std::string name;
  friend auto operator<=>(const PortName&, const PortName&) = default;
};

class NamedPorts {
 public:
  // Whose ports count: those of this node's pods (the destinations of its ingress rules), or those
  // of all pods (of its egress rules).
  enum class Scope : uint8_t { kLocal, kAll };

  void OnPodChanged(const store::PodChange& change);

  // Rising.
  std::vector<uint16_t> NumbersOf(const PortName& port, Scope scope) const;

  // Names that have other numbers than before the last call, in either scope.
  std::set<PortName> TakeChanges();

 private:
  struct Users {
    uint32_t local = 0;
    uint32_t all = 0;
  };

  enum class Step : uint8_t { kAdd, kRemove };
  void Count(const store::PodState& pod, Step step);

  std::map<PortName, std::map<uint16_t, Users>> numbers_;  // users are never 0
  std::set<PortName> changed_;
};

}  // namespace sluice::policy
