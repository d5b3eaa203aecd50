#include "tests/hardcases/hard_case.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "agent/manifests/yaml_to_json.h"
#include "tests/fakes/builders.h"

namespace sluice::hardcases {
namespace {

constexpr char kNode[] = "node";

struct Question {
  std::string source;
  std::string destination;
  uint8_t protocol = 0;
  uint16_t port = 0;
};

uint16_t Number(std::string_view text) {
  uint16_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  EXPECT_EQ(parsed.ec, std::errc()) << text;
  return number;
}

uint8_t ProtocolOf(std::string_view text) {
  for (const auto protocol :
       {store::Protocol::kTcp, store::Protocol::kUdp, store::Protocol::kSctp}) {
    if (store::ToString(protocol) == text) return static_cast<uint8_t>(protocol);
  }
  return static_cast<uint8_t>(Number(text));
}

Question Parse(std::string_view text) {
  Question question;
  std::string arrow;
  std::string service;
  std::istringstream(std::string(text)) >> question.source >> arrow >> question.destination >>
      service;
  EXPECT_EQ(arrow, "->") << text;
  const size_t slash = service.find('/');
  question.protocol = ProtocolOf(std::string_view(service).substr(0, slash));
  if (slash != std::string::npos) question.port = Number(service.substr(slash + 1));
  return question;
}

fakes::Packet From(const store::Endpoint* sender, uint32_t otherwise, const fakes::FiveTuple& ip) {
  fakes::Packet packet;
  packet.in_port = sender != nullptr ? sender->ofport->value : otherwise;
  packet.eth_source = sender != nullptr ? sender->mac : TestNode().mac;
  packet.ip = ip;
  return packet;
}

std::string Where(const std::optional<uint32_t>& port) {
  return port ? "port " + std::to_string(*port) : "nowhere";
}

}  // namespace

pipeline::NodePorts TestNode(SctpPorts sctp) {
  return {.gateway = {kGatewayPort},
          .mac = MacAddress({0x0a, 0x58, 0x0a, 0, 0, 1}),
          .addresses = {fakes::Ip(kNodeAddress), fakes::Ip(kNodeAddress6)},
          .sctp = sctp};
}

store::ObjectKey KeyOf(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return {"", text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

std::string Policy(const std::string& key, const std::string& spec) {
  const store::ObjectKey of = KeyOf(key);
  return "---\n{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {namespace: " +
         of.ns + ", name: " + of.name + "}, spec: " + spec + "}\n";
}

std::string Namespace(const std::string& name, const std::string& labels) {
  return "---\n{apiVersion: v1, kind: Namespace, metadata: {name: " + name + ", labels: " + labels +
         "}}\n";
}

std::string Pod(const PodText& pod) {
  const store::ObjectKey of = KeyOf(pod.key);
  return "---\n{apiVersion: v1, kind: Pod, metadata: {namespace: " + of.ns + ", name: " + of.name +
         ", labels: " + pod.labels +
         "}, spec: {containers: [{name: c, image: i, ports: " + pod.ports + "}]" + pod.spec +
         "}, status: " + pod.status + "}\n";
}

std::vector<store::Object> Decode(std::string_view yaml, decode::Validation validation) {
  std::vector<store::Object> objects;
  const auto parsed = manifests::ParseYaml(yaml);
  if (const auto* error = std::get_if<manifests::YamlSyntaxError>(&parsed)) {
    ADD_FAILURE() << "line " << error->line << ": " << error->reason;
    return objects;
  }
  for (const manifests::YamlNodePtr& root : std::get<0>(parsed)) {
    const manifests::JsonDocument document = manifests::ToJson(*root);
    if (document.json.IsNull()) continue;
    auto decoded = decode::DecodeObject(document.json, validation);
    if (const auto* error = std::get_if<decode::DecodeError>(&decoded)) {
      ADD_FAILURE() << error->ToString();
    } else if (auto& object = std::get<decode::DecodedObject>(decoded).object) {
      objects.push_back(std::move(*object));
    }
  }
  return objects;
}

store::AttachmentId AttachmentOf(const store::ObjectKey& pod) {
  return {pod.ns + "-" + pod.name, "eth0"};
}

store::Endpoint EndpointFor(const store::ObjectKey& pod, const std::vector<std::string>& addresses,
                            OfPort ofport) {
  store::Endpoint endpoint;
  endpoint.id = AttachmentOf(pod);
  endpoint.pod = pod;
  endpoint.netns = "/run/netns/" + endpoint.id.container_id;
  endpoint.host_ifname = store::HostIfname(endpoint.id);
  for (const std::string& address : addresses) endpoint.ips.push_back(fakes::Ip(address));
  endpoint.mac = store::MacFor(endpoint.ips.front());
  endpoint.ofport = ofport;
  return endpoint;
}

HardCase::HardCase(SctpPorts sctp) : state_(TestNode(sctp)) {
  for (const std::string name : {"x", "w", "z"}) Given(Namespace(name, "{ns: " + name + "}"));
  const std::pair<const char*, const char*> pods[] = {{"x/a", "10.0.1.1"}, {"x/b", "10.0.1.2"},
                                                      {"x/c", "10.0.1.3"}, {"w/a", "10.0.2.1"},
                                                      {"w/b", "10.0.2.2"}, {"z/a", "10.0.3.1"}};
  for (const auto& [key, address] : pods) {
    Given(Pod({.key = key, .labels = "{pod: " + KeyOf(key).name + "}"}));
    Attach(key, {address});
  }
  Given(Pod({.key = "w/far",
             .labels = "{pod: far}",
             .spec = ", nodeName: elsewhere",
             .status = "{phase: Running, podIPs: [{ip: 10.0.9.1}]}"}));
}

void HardCase::Given(std::string_view yaml) {
  for (store::Object& object : Decode(yaml, decode::Validation::kCreate)) {
    state_.Apply({fakes::Present(std::move(object))});
  }
}

void HardCase::Stored(std::string_view yaml) {
  for (store::Object& object : Decode(yaml, decode::Validation::kStored)) {
    state_.Apply({fakes::Present(std::move(object))});
  }
}

void HardCase::Deleted(store::ObjectKind kind, const std::string& key) {
  state_.Apply({{kind, KeyOf(key), std::nullopt}});
}

void HardCase::Attach(const std::string& key, const std::vector<std::string>& addresses) {
  state_.PutEndpoint(EndpointFor(KeyOf(key), addresses, {next_ofport_++}));
}

void HardCase::Detach(const std::string& key) { state_.RemoveEndpoint(AttachmentOf(KeyOf(key))); }

testing::AssertionResult HardCase::Allowed(std::string_view question) const {
  const std::string answer = Judge(question);
  if (answer == "allowed") return testing::AssertionSuccess();
  return testing::AssertionFailure() << question << ": " << answer;
}

testing::AssertionResult HardCase::Denied(std::string_view question) const {
  const std::string answer = Judge(question);
  if (answer == "denied") return testing::AssertionSuccess();
  return testing::AssertionFailure() << question << ": " << answer;
}

const store::Endpoint& HardCase::EndpointOf(const std::string& key) const {
  return state_.store().FindEndpoint(AttachmentOf(KeyOf(key)))->endpoint;
}

IpAddress HardCase::AddressOf(const std::string& end) const {
  if (end == kNode) return fakes::Ip(kNodeAddress);
  if (end.find('/') == std::string::npos) return fakes::Ip(end);
  const store::ObjectKey key = KeyOf(end);
  if (const auto* endpoint = state_.store().FindEndpoint(AttachmentOf(key))) {
    return endpoint->endpoint.ips.front();
  }
  return state_.store().FindPodObject(key)->ips.front();
}

const store::Endpoint* HardCase::EndpointWith(const IpAddress& address) const {
  for (const auto& [id, endpoint] : state_.store().endpoints()) {
    const auto& ips = endpoint.endpoint.ips;
    if (endpoint.gate == store::Gate::kOpen &&
        std::find(ips.begin(), ips.end(), address) != ips.end()) {
      return &endpoint.endpoint;
    }
  }
  return nullptr;
}

// "allowed", "denied", or what of the two the packets did.
std::string HardCase::JudgeByFlows(std::string_view source, const fakes::FiveTuple& tuple) const {
  const store::Endpoint* client = EndpointWith(tuple.source);
  const store::Endpoint* server = EndpointWith(tuple.destination);
  const uint32_t outside = source == kNode ? ofctl::kPortLocal : kGatewayPort;
  ofctl::FlowMap flows = Flows();
  fakes::Packet request = From(client, outside, tuple);
  request.original = tuple;
  const fakes::Outcome there = fakes::FlowMatcher(flows).Trace(request);
  const bool remembered = there.committed || !there.learned.empty();
  const bool by_header = state_.node().sctp == SctpPorts::kFromHeader;
  if (by_header && tuple.ip_protocol == ofctl::kProtoSctp && !remembered && !there.port) {
    return "denied";  // nothing makes the other half an answer
  }
  for (const ofctl::Flow& learned : there.learned) flows[learned.key] = learned.body;
  fakes::Packet reply = From(server, kGatewayPort, tuple.Reversed());
  reply.original = tuple;
  reply.ct_state = ofctl::kCtTrk | ofctl::kCtEst | ofctl::kCtRpl;
  reply.ct_mark = there.ct_mark;
  const fakes::Outcome back = fakes::FlowMatcher(flows).Trace(reply);
  const auto port_of = [](const store::Endpoint* endpoint) {
    return endpoint != nullptr ? endpoint->ofport->value : kGatewayPort;
  };
  if (!there.ambiguity.empty() || !back.ambiguity.empty()) {
    return "ambiguous: " + there.ambiguity + back.ambiguity;
  }
  if (!there.port && !back.port && !remembered) return "denied";
  if (there.port == port_of(server) && back.port == port_of(client)) return "allowed";
  return "request to " + Where(there.port) + ", reply to " + Where(back.port);
}

std::string HardCase::Judge(std::string_view text) const {
  const Question question = Parse(text);
  const fakes::FiveTuple tuple{AddressOf(question.source), AddressOf(question.destination),
                               question.protocol, 40000, question.port};
  const bool allowed = state_.policy()
                           .Judge({.source = tuple.source,
                                   .destination = tuple.destination,
                                   .ip_protocol = tuple.ip_protocol,
                                   .port = tuple.destination_port})
                           .allowed();
  const std::string engine = allowed ? "allowed" : "denied";
  const std::string flows = JudgeByFlows(question.source, tuple);
  if (question.source == kNode || flows == engine) return flows;
  return "engine " + engine + ", flows " + flows;
}

}  // namespace sluice::hardcases
