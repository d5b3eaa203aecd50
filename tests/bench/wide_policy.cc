#include "tests/bench/wide_policy.h"

#include "tests/bench/measure.h"
#include "tests/bench/node.h"
#include "tests/bench/scenario.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

using fakes::Is;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;

constexpr int kRuns = 9;
constexpr size_t kColours = 4;

store::Pod ClientOf(size_t i) {
  store::Pod pod;
  pod.key = {"clients", "client-" + std::to_string(i)};
  pod.labels = {{"colour", "colour-" + std::to_string(i % kColours)}};
  pod.phase = store::PodPhase::kRunning;
  pod.ips = {PodAddress(i)};
  return pod;
}

// A server of this node, and clients elsewhere.
void Populate(Node& node, size_t clients) {
  const store::Pod server =
      fakes::PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.200.0.1");
  node.Apply({Present(fakes::NamespaceOf("clients", {{"role", "client"}})),
              Present(fakes::NamespaceOf("shop")), Present(server)});
  node.Attach(server);
  ForEachChunk(Series<store::Pod>{clients, ClientOf},
               [&node](const auto& events) { node.Apply(events); });
  node.Commit();
}

PolicyBuilder Policy(const char* name) {
  return PolicyBuilder("shop", name).Selects({Is("app", "db")});
}

// Its rules are about each colour, so that every client has a class afterwards.
store::NetworkPolicy PolicyByColour() {
  PolicyBuilder policy = Policy("by-colour");
  for (size_t i = 0; i < kColours; ++i) {
    policy.Ingress(
        RuleBuilder()
            .PodsIn({Is("role", "client")}, {Is("colour", "colour-" + std::to_string(i))})
            .Tcp(static_cast<uint16_t>(1 + i)));
  }
  return policy;
}

store::NetworkPolicy PolicyForAll() {
  return Policy("everyone").Ingress(RuleBuilder().Namespaces({Is("role", "client")}).Tcp(5432));
}

}  // namespace

Figures WidePolicy(size_t clients, Clients known) {
  Node node;
  Populate(node, clients);
  if (known == Clients::kToldApart) {
    node.Apply({Present(PolicyByColour())});
    node.Commit();
  }
  Stopwatch watch;
  size_t flow_mods = 0;
  watch.Time([&] {
    node.Apply({Present(PolicyForAll())});
    flow_mods = node.Commit();
  });
  return {{"seconds", watch.seconds()}, {"flow-mods", static_cast<double>(flow_mods)}};
}

void RunWidePolicy(Report& report) {
  constexpr size_t kClients = 10'000;
  struct Case {
    Clients clients;
    std::string name;
    double flow_mods;
    std::optional<double> milliseconds;
  };
  for (const Case& each : {Case{Clients::kToldApart, "told-apart", 100, 5},
                           Case{Clients::kUnknown, "never-before", 10'100, std::nullopt}}) {
    const Runs runs(kRuns, [&each] {
      Figures figures = WidePolicy(kClients, each.clients);
      figures["ms"] = 1e3 * figures["seconds"];
      return figures;
    });
    const std::string name = "wide-policy/" + each.name;
    report.Add(runs.Of("flow-mods",
                       {.name = name + "/flow-mods", .unit = "flow-mods", .goal = each.flow_mods}));
    report.Add(
        runs.Of("ms", {.name = name + "/to flow-mods", .unit = "ms", .goal = each.milliseconds}));
  }
}

}  // namespace sluice::bench
