// HardCase: one node with a few pods, fed with YAML through the agent's own decoders. Every
// question is put twice: to the policy engine, and to the flows, by a request and its reply.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/decode/object_decoder.h"
#include "agent/reconcile/desired_state.h"
#include "tests/fakes/flow_matcher.h"

namespace sluice::hardcases {

inline constexpr uint32_t kGatewayPort = 1;
// The pods' gateway, and so the node's own addresses.
inline constexpr char kNodeAddress[] = "10.0.0.1";
inline constexpr char kNodeAddress6[] = "fd00::1";

using pipeline::SctpPorts;

pipeline::NodePorts TestNode(SctpPorts sctp = SctpPorts::kFromConntrack);

// A document; `key` is "namespace/name", the others are YAML in flow style.
std::string Policy(const std::string& key, const std::string& spec);
std::string Namespace(const std::string& name, const std::string& labels);
struct PodText {
  std::string key;
  std::string labels = "{}";
  std::string ports = "[]";  // of its container
  std::string spec = "";     // further fields, each with a comma before it
  std::string status = "{phase: Running}";
};
std::string Pod(const PodText& pod);

// What the documents of the text define. A text that is not YAML, or an object that is refused,
// fails the test.
std::vector<store::Object> Decode(std::string_view yaml, decode::Validation validation);

class HardCase : public testing::Test {
 protected:
  // Namespaces x, w and z, labelled ns=<name>; pods x/a, x/b, x/c, w/a, w/b and z/a of this node,
  // labelled pod=<name>, with the addresses 10.0.1.1 to .3, 10.0.2.1 to .2 and 10.0.3.1; and w/far
  // of another node, 10.0.9.1.
  explicit HardCase(SctpPorts sctp = SctpPorts::kFromConntrack);

  // As manifests, held to the rules that the apiserver applies to a new object.
  void Given(std::string_view yaml);
  // As the apiserver holds them, perhaps since before those rules.
  void Stored(std::string_view yaml);
  void Deleted(store::ObjectKind kind, const std::string& key);
  // CNI ADD and DEL of the pod's eth0.
  void Attach(const std::string& key, const std::vector<std::string>& addresses);
  void Detach(const std::string& key);

  // "x/b -> x/a TCP/80". An end is a pod, an address, or `node` (as the source: what the node sends
  // itself, of which the engine knows nothing). A third part may be a bare IP protocol number.
  testing::AssertionResult Allowed(std::string_view question) const;
  testing::AssertionResult Denied(std::string_view question) const;

  reconcile::DesiredState& state() { return state_; }
  const reconcile::DesiredState& state() const { return state_; }
  ofctl::FlowMap Flows() const { return state_.flows().Flows(); }
  // Of an attached pod.
  const store::Endpoint& EndpointOf(const std::string& key) const;

 private:
  std::string Judge(std::string_view question) const;
  IpAddress AddressOf(const std::string& end) const;
  const store::Endpoint* EndpointWith(const IpAddress& address) const;
  std::string JudgeByFlows(std::string_view source, const fakes::FiveTuple& tuple) const;

  reconcile::DesiredState state_;
  uint32_t next_ofport_ = 10;
};

// The pod's address by namespace and name, for tests that drive a DesiredState of their own.
store::AttachmentId AttachmentOf(const store::ObjectKey& pod);
store::Endpoint EndpointFor(const store::ObjectKey& pod, const std::vector<std::string>& addresses,
                            OfPort ofport);
store::ObjectKey KeyOf(const std::string& text);  // "namespace/name"

}  // namespace sluice::hardcases
