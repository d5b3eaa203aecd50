// World: what the objects of one case have in common. Small, so that selectors, prefixes, names and
// addresses meet by chance all the time.
#pragma once

#include <string>
#include <vector>

#include "agent/decode/object_decoder.h"
#include "agent/pipeline/node_ports.h"
#include "ofctl/base/ip.h"
#include "tests/fuzz/dice.h"

namespace sluice::fuzz {

// What a case may be about, beside IPv4, TCP and UDP.
struct Features {
  bool ipv6 = true;
  bool sctp = true;
  bool named_ports = true;
};

struct World {
  Features features;
  // kStored: objects as old clusters hold them, also such as nobody could create today.
  decode::Validation validation = decode::Validation::kCreate;
  // Whose datapath the node has.
  pipeline::SctpPorts sctp = pipeline::SctpPorts::kFromConntrack;
  std::vector<IpAddress> v4;  // what pods have; fewer than pods would like
  std::vector<IpAddress> v6;

  bool odd() const { return validation == decode::Validation::kStored; }
};

World MakeWorld(const Features& features, Dice& dice);

inline const std::vector<std::string> kNamespaceNames = {"a", "b", "c"};
inline constexpr uint32_t kPodsPerNamespace = 4;
inline const std::vector<std::string> kUids = {"", "u1", "u2"};
inline const std::vector<std::string> kLabelKeys = {"app", "tier", "x.io/role"};
inline const std::vector<std::string> kNamespaceLabelKeys = {"team", "kubernetes.io/metadata.name"};
inline const std::vector<std::string> kLabelValues = {"", "x", "y", "z", "X"};
inline const std::vector<std::string> kPortNames = {"http", "web", "dns", "h-1"};
inline const std::vector<uint16_t> kPortNumbers = {1,    53,   79,   80,    81,    443,   1023,
                                                   1024, 8000, 8080, 32767, 32768, 65534, 65535};

// The address before or after it; wraps around.
IpAddress Before(const IpAddress& address);
IpAddress After(const IpAddress& address);
// The last address of the prefix.
IpAddress LastOf(const Cidr& prefix);

}  // namespace sluice::fuzz
