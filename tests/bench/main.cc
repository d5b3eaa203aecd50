// sluice-bench [--json=FILE] SCENARIO...|all: what the agent costs.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <cstdio>
#include <fstream>

#include "tests/bench/scenario.h"

DEFINE_string(json, "", "write the rows to this file as well, as JSON");

namespace sluice::bench {
namespace {

struct Scenario {
  const char* name;
  const char* what;
  void (*run)(Report&);
};

constexpr Scenario kScenarios[] = {
    {"install", "100,000 flows into a switch", RunInstall},
    {"compile", "from scratch to classes and rules, four shapes", RunCompile},
    {"node-view", "one node's flows in a cluster of 100,000 pods", RunNodeView},
    {"long-list", "how long a list of 100,000 pods keeps the agent's other work waiting",
     RunLongList},
    {"event", "one event, until the switch has answered", RunEvent},
    {"wide-policy", "one policy over 10,000 peers", RunWidePolicy},
    {"extremes", "policies beyond reason: exact, and how dear", RunExtremes},
    {"cni-add", "pods, as a container runtime attaches them", RunCniAdd},
    {"datapath", "packets between pods", RunDatapath},
    {"edit", "from a policy's new text to the first packet", RunEdit},
    {"idle", "what wakes an agent that has nothing to do", RunIdle},
    {"bulk", "a pod is added while a cluster arrives", RunBulk},
    {"churn", "1,000 pod events a second", RunChurn},
    {"restart", "of the agent, of the switch", RunRestart},
    {"purge", "what it costs the switch to forget its megaflows", RunPurge},
    {"growth", "how the cost of all that grows with the cluster", RunGrowth},
};

int Usage() {
  std::fprintf(stderr, "usage: sluice-bench [--json=FILE] SCENARIO...|all\n");
  for (const Scenario& each : kScenarios)
    std::fprintf(stderr, "  %-12s %s\n", each.name, each.what);
  return 2;
}

int Main(const std::vector<std::string>& names) {
  if (names.empty()) return Usage();
  std::vector<const Scenario*> chosen;
  for (const std::string& name : names) {
    const size_t before = chosen.size();
    for (const Scenario& each : kScenarios) {
      if (name == "all" || name == each.name) chosen.push_back(&each);
    }
    if (chosen.size() == before) return Usage();
  }
  Report report;
  for (const Scenario* each : chosen) each->run(report);
  if (!FLAGS_json.empty()) std::ofstream(FLAGS_json) << report.Json();
  return 0;
}

}  // namespace
}  // namespace sluice::bench

int main(int argc, char** argv) {
  google::InitGoogleLogging(argv[0]);
  FLAGS_minloglevel = google::GLOG_WARNING;
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  return sluice::bench::Main({argv + 1, argv + argc});
}
