#include "agent/policy/named_ports.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::policy {
namespace {

using Scope = NamedPorts::Scope;
using store::Locality;
using store::Protocol;

const PortName kHttp{Protocol::kTcp, "http"};

store::PodState PodWith(const std::string& name, Locality locality, uint16_t number) {
  return {.key = {"shop", name},
          .labels = nullptr,
          .ips = {},
          .locality = locality,
          .named_ports = {{"http", Protocol::kTcp, number}}};
}

void Come(NamedPorts& ports, const store::PodState& pod) {
  ports.OnPodChanged({std::nullopt, &pod});
}

TEST(NamedPortsTest, NumbersAreThoseOfThePodsInScope) {
  NamedPorts ports;
  Come(ports, PodWith("here", Locality::kLocal, 80));
  Come(ports, PodWith("there", Locality::kRemote, 8080));
  EXPECT_EQ(ports.NumbersOf(kHttp, Scope::kAll), (std::vector<uint16_t>{80, 8080}));
  EXPECT_EQ(ports.NumbersOf(kHttp, Scope::kLocal), (std::vector<uint16_t>{80}));
  EXPECT_TRUE(ports.NumbersOf({Protocol::kUdp, "http"}, Scope::kAll).empty());
}

TEST(NamedPortsTest, ANumberGoesWithItsLastPod) {
  NamedPorts ports;
  Come(ports, PodWith("one", Locality::kLocal, 80));
  Come(ports, PodWith("two", Locality::kLocal, 80));
  ports.TakeChanges();
  ports.OnPodChanged({PodWith("one", Locality::kLocal, 80), nullptr});
  EXPECT_TRUE(ports.TakeChanges().empty());
  EXPECT_EQ(ports.NumbersOf(kHttp, Scope::kAll), (std::vector<uint16_t>{80}));
  ports.OnPodChanged({PodWith("two", Locality::kLocal, 80), nullptr});
  EXPECT_EQ(ports.TakeChanges(), (std::set<PortName>{kHttp}));
  EXPECT_TRUE(ports.NumbersOf(kHttp, Scope::kAll).empty());
}

TEST(NamedPortsTest, BecomingLocalIsAChange) {
  NamedPorts ports;
  Come(ports, PodWith("pod", Locality::kRemote, 80));
  ports.TakeChanges();
  const store::PodState local = PodWith("pod", Locality::kLocal, 80);
  ports.OnPodChanged({PodWith("pod", Locality::kRemote, 80), &local});
  EXPECT_EQ(ports.TakeChanges(), (std::set<PortName>{kHttp}));
  EXPECT_EQ(ports.NumbersOf(kHttp, Scope::kLocal), (std::vector<uint16_t>{80}));
}

}  // namespace
}  // namespace sluice::policy
