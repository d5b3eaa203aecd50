// sluice-fuzz: random clusters, judged by the specification and by Sluice. Exit status: 0 all
// agree, 1 something fails (its least case is on standard output), 2 could not be run.
#include <gflags/gflags.h>
#include <glog/logging.h>
#include <unistd.h>

#include <chrono>
#include <ctime>
#include <iostream>

#include "tests/fuzz/campaign.h"

DEFINE_string(level, "engine", "how far a verdict is followed: engine, matcher (flows) or trace");
DEFINE_double(minutes, 0, "stop after so long; 0: by --cases");
DEFINE_uint64(cases, 100, "stop after so many cases");
DEFINE_uint64(seed, 0, "the first case; the next ones count up from it. 0: from today's date");
DEFINE_bool(ipv6, true, "pods and blocks of both families");
DEFINE_bool(sctp, true, "SCTP as well");
DEFINE_bool(named_ports, true, "named ports as well");

namespace sluice::fuzz {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

constexpr int kAllAgree = 0;
constexpr int kSomeDisagree = 1;
constexpr int kUnusable = 2;
constexpr seconds kProgressEvery{12};

struct Plan {
  std::vector<std::unique_ptr<Level>> levels;
  Campaign::Spec spec;
};

Result<Plan> MakePlan(const std::string& level) {
  Plan plan;
  plan.spec.features = {.ipv6 = FLAGS_ipv6, .sctp = FLAGS_sctp, .named_ports = FLAGS_named_ports};
  plan.levels.push_back(MakeEngineLevel());
  plan.spec.paces.push_back({.every = 1, .connections = 50});
  if (level == "engine") return plan;
  plan.levels.push_back(MakeMatcherLevel());
  plan.spec.paces = {{.every = 2, .connections = 30}, {.every = 6, .connections = 40}};
  plan.spec.scratch_every = 12;
  if (level == "matcher") return plan;
  plan.levels.push_back(MakeTraceLevel());
  plan.spec.paces = {{.every = 12, .connections = 30},
                     {.every = 12, .connections = 30},
                     {.every = 12, .connections = 150}};
  plan.spec.scratch_every = 0;
  if (level == "trace") return plan;
  return Invalid("--level is engine, matcher or trace, not '" + level + "'");
}

// 20261125 for the 25th of November 2026: everybody's the same for a day, another one tomorrow.
uint64_t SeedOfToday() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  return static_cast<uint64_t>((utc.tm_year + 1900) * 10000 + (utc.tm_mon + 1) * 100 + utc.tm_mday);
}

std::string Counts(const Campaign& campaign, const Examiner& examiner, Clock::duration elapsed) {
  std::string text = std::to_string(campaign.cases()) + " cases, " +
                     std::to_string(campaign.events()) + " events, verdicts:";
  for (size_t level = 0; level < examiner.level_count(); ++level) {
    text += " " + examiner.LevelName(level) + " " + std::to_string(examiner.verdicts()[level]);
  }
  if (campaign.scratch_checks() > 0) {
    text += ", from scratch " + std::to_string(campaign.scratch_checks());
  }
  const auto total = examiner.allowed() + examiner.denied();
  const auto share = total == 0 ? 0 : 100 * examiner.denied() / total;
  return text + " (" + std::to_string(share) + "% of those a policy decides denied), " +
         std::to_string(std::chrono::duration_cast<seconds>(elapsed).count()) + " s";
}

Result<int> Run() {
  SLUICE_ASSIGN_OR_RETURN(Plan plan, MakePlan(FLAGS_level));
  Examiner examiner(std::move(plan.levels));
  Campaign campaign(std::move(plan.spec), examiner);
  const uint64_t first = FLAGS_seed != 0 ? FLAGS_seed : SeedOfToday();
  const auto start = Clock::now();
  const auto limit = std::chrono::duration<double>(60 * FLAGS_minutes);
  auto told = start;
  const bool progress = isatty(STDERR_FILENO) != 0;
  for (uint64_t seed = first;; ++seed) {
    const auto now = Clock::now();
    const bool over = FLAGS_minutes > 0 ? now - start >= limit : seed - first >= FLAGS_cases;
    if (over) break;
    if (progress && now - told >= kProgressEvery) {
      told = now;
      std::cerr << Counts(campaign, examiner, now - start) << "\n";
    }
    SLUICE_ASSIGN_OR_RETURN(const auto failure, campaign.Run(seed));
    if (!failure) continue;
    std::cout << ToYaml(*failure);
    std::cout << "# seed " << seed << " fails; " << Counts(campaign, examiner, Clock::now() - start)
              << "\n";
    return kSomeDisagree;
  }
  std::cout << "seeds from " << first << ", " << FLAGS_level << ": "
            << Counts(campaign, examiner, Clock::now() - start) << ", 0 differences\n";
  return kAllAgree;
}

}  // namespace
}  // namespace sluice::fuzz

int main(int argc, char** argv) {
  FLAGS_minloglevel = google::GLOG_WARNING;
  FLAGS_logtostderr = true;
  gflags::SetUsageMessage("--level=engine|matcher|trace [--minutes N | --cases N] [--seed S]");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  google::InitGoogleLogging(argv[0]);
  const auto status = sluice::fuzz::Run();
  if (status.ok()) return *status;
  std::cerr << "sluice-fuzz: " << status.error().message() << "\n";
  return sluice::fuzz::kUnusable;
}
