#include "tests/bench/extremes.h"

#include "tests/bench/node.h"
#include "tests/bench/scenario.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/flow_matcher.h"

namespace sluice::bench {
namespace {

using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;

constexpr int kRuns = 3;
constexpr char kServer[] = "10.0.0.1";

// The n-th /24 of 20.0.0.0/7.
Cidr BlockOf(size_t n) {
  return Cidr::Of(IpAddress::FromV4(0x14000000 + (static_cast<uint32_t>(n) << 8)), 24);
}
IpAddress ClientIn(const Cidr& block) { return IpAddress::FromV4(block.network().v4() + 7); }

// One pod, with policies; whether what its flows let in is what it should be.
class Server {
 public:
  Server() {
    const store::Pod pod = fakes::PodBuilder("shop", "db").Ip(kServer);
    node_.Attach(pod);
    node_.Apply({Present(pod)});
    node_.Commit();
  }

  void Put(const std::vector<store::StoreEvent>& events) {
    watch_.Time([&] {
      node_.Apply(events);
      node_.Commit();
    });
    matcher_.emplace(node_.installed());
  }

  void Expect(bool allowed, const IpAddress& client, uint16_t port) {
    fakes::Packet packet;
    packet.in_port = node_.state().node().gateway.value;
    packet.eth_source = node_.state().node().mac;
    packet.ip = {client, fakes::Ip(kServer), ofctl::kProtoTcp, 40000, port};
    packet.original = packet.ip;
    const fakes::Outcome outcome = matcher_->Trace(packet);
    const bool exact = outcome.ambiguity.empty() && outcome.port.has_value() == allowed;
    wrong_ += exact ? 0 : 1;
    probes_ += 1;
  }

  size_t flows() const { return node_.installed().size(); }
  Figures Result() const {
    return {{"seconds", watch_.seconds()},
            {"flows", static_cast<double>(flows())},
            {"probes", probes_},
            {"wrong", wrong_}};
  }

 private:
  Node node_;
  Stopwatch watch_;
  std::optional<fakes::FlowMatcher> matcher_;
  double probes_ = 0;
  double wrong_ = 0;
};

}  // namespace

// Rule n lets the n-th block reach port 1 + n % 5000; a hundred rules a policy.
Figures DistinctRules(size_t rules) {
  const auto port_of = [](size_t n) { return static_cast<uint16_t>(1 + n % 5000); };
  std::vector<store::StoreEvent> events;
  for (size_t first = 0; first < rules; first += 100) {
    PolicyBuilder policy("shop", "policy-" + std::to_string(first));
    for (size_t n = first; n < std::min(first + 100, rules); ++n) {
      policy.Ingress(RuleBuilder().Block(BlockOf(n).ToString()).Tcp(port_of(n)));
    }
    events.push_back(Present(policy));
  }
  Server server;
  server.Put(events);
  for (size_t n = 0; n < rules; n += std::max<size_t>(1, rules / 50)) {
    server.Expect(true, ClientIn(BlockOf(n)), port_of(n));
    server.Expect(false, ClientIn(BlockOf(n)), port_of(n + 1));
    server.Expect(false, ClientIn(BlockOf(rules + n)), port_of(n));
  }
  return server.Result();
}

// Every other block, each without the upper half.
Figures WideRule(size_t cidrs) {
  RuleBuilder rule;
  for (size_t n = 0; n < cidrs; ++n) {
    const IpAddress upper = IpAddress::FromV4(BlockOf(2 * n).network().v4() + 128);
    rule.Block(BlockOf(2 * n).ToString(), {Cidr::Of(upper, 25).ToString()});
  }
  Server server;
  server.Put({Present(PolicyBuilder("shop", "wide").Ingress(rule.Tcp(80)))});
  for (size_t n = 0; n < cidrs; n += std::max<size_t>(1, cidrs / 50)) {
    const uint32_t block = BlockOf(2 * n).network().v4();
    server.Expect(true, IpAddress::FromV4(block + 127), 80);
    server.Expect(false, IpAddress::FromV4(block + 128), 80);
    server.Expect(false, IpAddress::FromV4(block + 256), 80);
    server.Expect(false, IpAddress::FromV4(block), 81);
  }
  return server.Result();
}

// Ranges of 1 to 50 ports with a gap between any two.
Figures ManyPorts(size_t ports) {
  const auto range_of = [](size_t n) {
    const auto first = static_cast<uint16_t>(1 + 60 * n);
    return std::pair<uint16_t, uint16_t>{first, static_cast<uint16_t>(first + n % 50)};
  };
  RuleBuilder rule;
  for (size_t n = 0; n < ports; ++n) rule.TcpRange(range_of(n));
  Server server;
  server.Put({Present(PolicyBuilder("shop", "ports").Ingress(rule))});
  const IpAddress client = fakes::Ip("20.0.0.7");
  for (size_t n = 0; n < ports; n += std::max<size_t>(1, ports / 50)) {
    const auto [first, last] = range_of(n);
    server.Expect(false, client, static_cast<uint16_t>(first - 1));
    server.Expect(true, client, first);
    server.Expect(true, client, last);
    server.Expect(false, client, static_cast<uint16_t>(last + 1));
  }
  return server.Result();
}

Figures SamePolicies(size_t policies) {
  const auto policy = [](size_t n) {
    return Present(PolicyBuilder("shop", "policy-" + std::to_string(n))
                       .Ingress(RuleBuilder().Block("20.0.0.0/24").Tcp(80)));
  };
  std::vector<store::StoreEvent> events;
  for (size_t n = 0; n < policies; ++n) events.push_back(policy(n));
  Server one;
  one.Put({policy(0)});
  Server server;
  server.Put(events);
  server.Expect(true, fakes::Ip("20.0.0.7"), 80);
  server.Expect(false, fakes::Ip("20.0.0.7"), 81);
  server.Expect(false, fakes::Ip("20.0.1.7"), 80);
  Figures figures = server.Result();
  figures["beyond"] = static_cast<double>(server.flows()) - static_cast<double>(one.flows());
  return figures;
}

void RunExtremes(Report& report) {
  struct Case {
    std::string name;
    std::function<Figures()> run;
  };
  const Case cases[] = {{"one-pod-10000-rules", [] { return DistinctRules(10'000); }},
                        {"one-rule-10000-cidrs", [] { return WideRule(10'000); }},
                        {"one-policy-1000-ranges", [] { return ManyPorts(1'000); }},
                        {"10000-same-policies", [] { return SamePolicies(10'000); }}};
  for (const Case& each : cases) {
    const Runs runs(kRuns, each.run);
    const std::string name = "extremes/" + each.name;
    report.Add(runs.Of("wrong", {.name = name + "/wrong verdicts", .unit = "verdicts", .goal = 0}));
    report.Add(runs.Of("flows", {.name = name + "/flows", .unit = "flows"}));
    report.Add(runs.Of("seconds", {.name = name + "/time", .unit = "s"}));
  }
  const Runs same(1, [] { return SamePolicies(10'000); });
  report.Add(same.Of(
      "beyond",
      {.name = "extremes/10000-same-policies/flows beyond one's", .unit = "flows", .goal = 0}));
}

}  // namespace sluice::bench
