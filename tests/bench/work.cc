// sluice-bench-work SCENARIO SIZE: one run of one scenario, for a profiler. growth_test.py counts
// its instructions with callgrind.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/bench/compile.h"
#include "tests/bench/events.h"
#include "tests/bench/wide_policy.h"

namespace sluice::bench {
namespace {

void Print(const Figures& figures) {
  for (const auto& [name, value] : figures) std::printf("%s %g\n", name.c_str(), value);
}

int Main(const std::string& scenario, size_t size) {
  if (scenario == "many-namespaces") {
    Print(Compile(ManyNamespaces(size / 4), Order::kPodsFirst));
  } else if (scenario == "many-namespaces-policies-first") {
    Print(Compile(ManyNamespaces(size / 4), Order::kPoliciesFirst));
  } else if (scenario == "equal-policies") {
    Print(Compile(EqualPolicies(size), Order::kPodsFirst));
  } else if (scenario == "equal-policies-policies-first") {
    Print(Compile(EqualPolicies(size), Order::kPoliciesFirst));
  } else if (scenario == "pairs") {
    Print(Compile(Pairs(size), Order::kPodsFirst));
  } else if (scenario == "pairs-policies-first") {
    Print(Compile(Pairs(size), Order::kPoliciesFirst));
  } else if (scenario == "across-namespaces") {
    Print(Compile(AcrossNamespaces(size / 100), Order::kPodsFirst));
  } else if (scenario == "node-view") {
    Node node;
    Stopwatch watch;
    Follow(NodeViewOf(size), node, [&watch](auto work) { watch.Time(work); });
  } else if (scenario == "events") {
    Node node;
    EventCosts(node, NodeViewOf(size), {.count = 50});
  } else if (scenario == "wide-policy") {
    WidePolicy(size, Clients::kToldApart);
  } else {
    std::fprintf(stderr, "no such scenario: %s\n", scenario.c_str());
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "usage: sluice-bench-work SCENARIO SIZE\n");
    return 2;
  }
  return sluice::bench::Main(argv[1], std::strtoul(argv[2], nullptr, 10));
}
