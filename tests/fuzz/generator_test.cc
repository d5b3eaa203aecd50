// The generator: the same for the same seed, and adversarial enough. What it never makes is never
// tested, so each thing it is there for is counted.
#include "tests/fuzz/generator.h"

#include <gtest/gtest.h>

#include <map>

#include "tests/fuzz/report.h"
#include "tests/oracle/oracle.h"

namespace sluice::fuzz {
namespace {

constexpr uint64_t kCases = 80;
constexpr int kEvents = 60;

std::string Everything(const Generator::Spec& spec) {
  Generator generator(spec);
  std::string text;
  for (int i = 0; i < kEvents; ++i) {
    const Event event = generator.Next();
    text += ToString(event) + "\n";
    if (const auto* put = std::get_if<Put>(&event)) text += ToYaml(put->manifest);
  }
  return text;
}

TEST(GeneratorTest, IsTheSameForTheSameSeed) {
  EXPECT_EQ(Everything({.seed = 5, .features = {}}), Everything({.seed = 5, .features = {}}));
  EXPECT_NE(Everything({.seed = 5, .features = {}}), Everything({.seed = 6, .features = {}}));
}

TEST(GeneratorTest, LeavesOutWhatIsSwitchedOff) {
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    const std::string text = Everything(
        {.seed = seed, .features = {.ipv6 = false, .sctp = false, .named_ports = false}});
    EXPECT_EQ(text.find("fd00:"), std::string::npos);
    EXPECT_EQ(text.find("SCTP"), std::string::npos);
    EXPECT_EQ(text.find("name: \"http\""), std::string::npos);
  }
}

class Census {
 public:
  void Count(const oracle::Cluster& cluster) {
    const oracle::NodeView view(cluster);
    for (const auto& [key, pod] : cluster.pods) {
      for (const IpAddress& ip : pod.ips) {
        if (view.OwnersOf(ip).size() > 1) ++seen_["an address with two owners"];
      }
      seen_["pods of a namespace unknown yet"] += !cluster.namespaces.contains(key.ns);
      seen_["host-network pods"] += pod.host_network == store::HostNetwork::kYes;
      seen_["finished pods"] += pod.phase == store::PodPhase::kSucceeded;
      seen_["dual-stack pods"] += pod.ips.size() > 1;
      CountNamedPorts(pod);
    }
    for (const auto& [id, endpoint] : cluster.endpoints) {
      seen_["endpoints without their pod"] += !cluster.pods.contains(endpoint.pod);
      seen_["endpoints of this pod"] += !view.OpenEndpointsAt(endpoint.ips.front()).empty();
    }
    for (const auto& [key, policy] : cluster.policies) {
      seen_["policies that isolate and allow nothing"] += policy.ingress && policy.ingress->empty();
      if (policy.ingress) Count(*policy.ingress);
      if (policy.egress) Count(*policy.egress);
    }
  }
  int64_t operator[](const std::string& what) { return seen_[what]; }

 private:
  void CountNamedPorts(const store::Pod& pod) {
    std::map<std::pair<std::string, store::Protocol>, int> named;
    for (const store::ContainerPort& port : pod.ports) {
      if (!port.name.empty() && ++named[{port.name, port.protocol}] == 2) {
        ++seen_["one name for two ports of a pod"];
      }
    }
  }
  void Count(const std::vector<store::PolicyRule>& rules) {
    for (const store::PolicyRule& rule : rules) {
      seen_["rules for anybody"] += rule.peers.empty();
      seen_["rules for any port"] += rule.ports.empty();
      for (const store::PolicyPort& port : rule.ports) {
        seen_["named ports"] += std::holds_alternative<std::string>(port.port);
        seen_["SCTP"] += port.protocol == store::Protocol::kSctp;
        seen_["ranges"] += port.end && *port.end > 1;
        seen_["every port of a protocol"] += std::holds_alternative<std::monostate>(port.port);
        seen_["ports that make no sense"] += port.end && *port.end == 0;
      }
      for (const store::Peer& peer : rule.peers) Count(peer);
    }
  }
  void Count(const store::Peer& peer) {
    const bool selects = peer.pod_selector || peer.namespace_selector;
    seen_["peers that make no sense"] += !selects && !peer.ip_block;
    if (!peer.ip_block) return;
    const Cidr& cidr = peer.ip_block->cidr;
    seen_["blocks of everything"] += cidr.length() == 0;
    seen_["IPv4 blocks of one"] += cidr.length() == 32 && cidr.family() == IpFamily::kIPv4;
    seen_["IPv6 blocks"] += cidr.family() == IpFamily::kIPv6;
    seen_["IPv6 blocks of one"] += cidr.length() == 128;
    seen_["holes"] += !peer.ip_block->except.empty();
  }

  std::map<std::string, int64_t> seen_;
};

TEST(GeneratorTest, MakesWhatItIsThereFor) {
  Census census;
  for (uint64_t seed = 1; seed <= kCases; ++seed) {
    Generator generator({.seed = seed, .features = {}});
    oracle::Cluster cluster;
    for (int i = 0; i < kEvents; ++i) Apply(generator.Next(), cluster);
    census.Count(cluster);
  }
  for (const std::string what : {"an address with two owners",
                                 "pods of a namespace unknown yet",
                                 "host-network pods",
                                 "finished pods",
                                 "dual-stack pods",
                                 "endpoints without their pod",
                                 "endpoints of this pod",
                                 "policies that isolate and allow nothing",
                                 "rules for anybody",
                                 "rules for any port",
                                 "named ports",
                                 "SCTP",
                                 "ranges",
                                 "every port of a protocol",
                                 "ports that make no sense",
                                 "peers that make no sense",
                                 "blocks of everything",
                                 "IPv4 blocks of one",
                                 "IPv6 blocks",
                                 "IPv6 blocks of one",
                                 "holes",
                                 "one name for two ports of a pod"}) {
    EXPECT_GT(census[what], 8) << what;
  }
}

TEST(GeneratorTest, AddressesHaveNeighbours) {
  const auto ip = [](std::string_view text) { return ParseIp(text).value(); };
  EXPECT_EQ(Before(ip("10.0.1.0")), ip("10.0.0.255"));
  EXPECT_EQ(After(ip("10.0.255.255")), ip("10.1.0.0"));
  EXPECT_EQ(After(ip("255.255.255.255")), ip("0.0.0.0"));
  EXPECT_EQ(Before(ip("fd00::")), ip("fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"));
  EXPECT_EQ(LastOf(Cidr::Of(ip("10.0.0.0"), 30)), ip("10.0.0.3"));
  EXPECT_EQ(LastOf(Cidr::Of(ip("fd00::"), 126)), ip("fd00::3"));
}

}  // namespace
}  // namespace sluice::fuzz
