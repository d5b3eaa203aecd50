// Two pods of this node with addresses of both families, on the userspace datapath, and packets of
// theirs.
#pragma once

#include <gtest/gtest.h>

#include "tests/fakes/flow_matcher.h"
#include "tests/unit/reconcile/desired_state_feed.h"

namespace sluice::reconcile {

inline constexpr uint32_t kWebPort = 10;
inline constexpr uint32_t kDbPort = 11;

inline pipeline::NodePorts DualStackNode() {
  return {{kGatewayPort},
          MacAddress({2, 0, 0, 0, 0, 1}),
          {fakes::Ip("10.0.255.254"), fakes::Ip("fd00::ffff")},
          pipeline::SctpPorts::kFromHeader};
}

// What stands for "the same in either family".
struct Addresses {
  IpFamily family;
  IpAddress web;
  IpAddress db;
  IpAddress gateway;
  IpAddress outside;
};

inline Addresses AddressesOf(IpFamily family) {
  using fakes::Ip;
  if (family == IpFamily::kIPv4) {
    return {family, Ip("10.0.0.1"), Ip("10.0.0.2"), Ip("10.0.255.254"), Ip("192.0.2.1")};
  }
  return {family, Ip("fd00::1"), Ip("fd00::2"), Ip("fd00::ffff"), Ip("2001:db8::1")};
}

// Of a test that runs once a family.
inline std::string FamilyName(const testing::TestParamInfo<IpFamily>& of) {
  return of.param == IpFamily::kIPv4 ? "IPv4" : "IPv6";
}

// shop/web and shop/db, app=web and app=db. Both send and receive all until Put(policy).
class DualStackPods : public testing::Test {
 protected:
  DualStackPods() {
    Put(fakes::NamespaceOf("shop"));
    Attach("web", "10.0.0.1", "fd00::1", kWebPort);
    Attach("db", "10.0.0.2", "fd00::2", kDbPort);
  }

  void Put(const store::Object& object) { state_.Apply({fakes::Present(object)}); }
  void Remove(const store::Object& object) { state_.Apply({fakes::Gone(object)}); }

  static MacAddress MacOf(uint32_t ofport) {
    const uint32_t last = ofport == kWebPort ? 1 : 2;
    return store::MacFor(IpAddress::FromV4(0x0a000000 | last));
  }

  // From the pod or, for another port, from the node.
  static fakes::Packet From(uint32_t port, const fakes::FiveTuple& tuple) {
    fakes::Packet packet;
    packet.in_port = port;
    packet.eth_source = port == kWebPort || port == kDbPort ? MacOf(port) : DualStackNode().mac;
    packet.eth_destination = DualStackNode().mac;
    packet.ip = packet.original = tuple;
    return packet;
  }

  // The desired flows, and what the switch would hold beside them.
  ofctl::FlowMap Flows() const {
    ofctl::FlowMap flows = state_.flows().Flows();
    for (const ofctl::Flow& flow : learned_) flows[flow.key] = flow.body;
    return flows;
  }
  fakes::Outcome Trace(const fakes::Packet& packet) const {
    const fakes::Outcome outcome = fakes::FlowMatcher(Flows()).Trace(packet);
    EXPECT_EQ(outcome.ambiguity, "");
    return outcome;
  }
  // As the switch does it: what the packet teaches stays.
  std::optional<uint32_t> Send(const fakes::Packet& packet) {
    const fakes::Outcome outcome = Trace(packet);
    learned_.insert(learned_.end(), outcome.learned.begin(), outcome.learned.end());
    return outcome.port;
  }

  DesiredState state_{DualStackNode()};
  std::vector<ofctl::Flow> learned_;

 private:
  void Attach(const std::string& name, std::string_view v4, std::string_view v6, uint32_t port) {
    const store::Pod pod = fakes::PodBuilder("shop", name).Labels({{"app", name}}).Ip(v4).Ip(v6);
    Put(pod);
    state_.PutEndpoint(fakes::EndpointOf(pod, {port}));
  }
};

}  // namespace sluice::reconcile
