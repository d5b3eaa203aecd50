// ProbePool: which connections of a cluster are worth asking about.
#pragma once

#include <vector>

#include "tests/fuzz/world.h"
#include "tests/oracle/oracle.h"

namespace sluice::fuzz {

// The node's own address of the family: of no pod.
IpAddress NodeAddress(IpFamily family);

class ProbePool {
 public:
  ProbePool(const World& world, const oracle::Cluster& cluster);

  oracle::Connection Some(Dice& dice) const;

 private:
  struct OfFamily {
    std::vector<IpAddress> here;   // of endpoints
    std::vector<IpAddress> edges;  // of pods elsewhere, of blocks, of nobody
  };
  // A port that a pod declares, by one of its addresses.
  struct Target {
    IpAddress address;
    uint8_t ip_protocol;
    uint16_t port;
  };
  void AddPod(const store::Pod& pod, const oracle::Cluster& cluster);
  void AddAddress(const IpAddress& address);
  void AddEdges(const Cidr& prefix);
  void AddPort(uint16_t port);
  void AddRules(const std::vector<store::PolicyRule>& rules);
  oracle::Connection ToTarget(const Target& target, Dice& dice) const;
  static const IpAddress& SomeAddress(const OfFamily& of, Dice& dice);

  bool sctp_ = false;
  OfFamily v4_;
  OfFamily v6_;
  std::vector<uint16_t> ports_;
  std::vector<Target> targets_;
};

}  // namespace sluice::fuzz
