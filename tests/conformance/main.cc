// sluice-conformance: NetworkPolicy cases of independent projects, judged by the real engine or by
// a real switch. Exit status: 0 all verdicts as expected, 1 some wrong, 2 could not be run.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include "tests/conformance/case_file.h"
#include "tests/conformance/packets/packets_level.h"
#include "tests/conformance/runner.h"
#include "tests/conformance/sample.h"
#include "tests/conformance/trace_level.h"

DEFINE_string(level, "engine",
              "what judges: engine (agent/policy), trace (a real ovs-vswitchd) or packets (a real "
              "node, as root)");
DEFINE_string(mode, "both", "how a state is reached: jump, replay (action by action), or both");
DEFINE_string(sample, "1/1", "N/M: the first N of every M cases of each file");

namespace sluice::conformance {
namespace {

constexpr int kAllRight = 0;
constexpr int kSomeWrong = 1;
constexpr int kUnusable = 2;

Result<std::string> ReadFile(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error)) return NotFound("no such file");
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file || !text) return Unavailable("cannot be read");
  return text.str();
}

Result<std::unique_ptr<Level>> MakeLevel(const std::string& name) {
  if (name == "engine") return std::unique_ptr<Level>(std::make_unique<EngineLevel>());
  if (name == "trace") return std::unique_ptr<Level>(std::make_unique<TraceLevel>());
  if (name == "packets") {
    const auto self = std::filesystem::read_symlink("/proc/self/exe");
    return std::unique_ptr<Level>(std::make_unique<PacketsLevel>(self.parent_path()));
  }
  return Invalid("--level is engine, trace or packets, not '" + name + "'");
}

Result<std::vector<Mode>> ParseMode(const std::string& name) {
  if (name == "jump") return std::vector<Mode>{Mode::kJump};
  if (name == "replay") return std::vector<Mode>{Mode::kReplay};
  if (name == "both") return std::vector<Mode>{Mode::kJump, Mode::kReplay};
  return Invalid("--mode is jump, replay or both, not '" + name + "'");
}

// All files are read before the first is judged: a run is whole or it is not.
Result<std::vector<std::pair<std::string, std::vector<Case>>>> ReadCases(
    const std::vector<std::string>& paths) {
  std::vector<std::pair<std::string, std::vector<Case>>> files;
  for (const std::string& path : paths) {
    const auto text = ReadFile(path);
    if (!text.ok()) return text.error().Context(path);
    auto cases = ParseCaseFile(*text);
    if (!cases.ok()) return cases.error().Context(path);
    files.emplace_back(std::filesystem::path(path).filename(), std::move(cases).value());
  }
  return files;
}

// Leaves a part of the cases, and says so.
Status Sample(std::vector<std::pair<std::string, std::vector<Case>>>& files) {
  SLUICE_ASSIGN_OR_RETURN(const auto share, ParseShare(FLAGS_sample));
  for (auto& [file, cases] : files) {
    const size_t all = cases.size();
    cases = SampleOf(std::move(cases), share);
    if (cases.size() == all) continue;
    std::cout << file << ": a sample of " << FLAGS_sample << ": " << cases.size() << " of " << all
              << " cases\n";
  }
  return Ok();
}

Status Judge(const std::vector<std::string>& paths, Tally& tally) {
  if (paths.empty()) return Invalid("no file named");
  SLUICE_ASSIGN_OR_RETURN(const auto modes, ParseMode(FLAGS_mode));
  SLUICE_ASSIGN_OR_RETURN(auto files, ReadCases(paths));
  SLUICE_RETURN_IF_ERROR(Sample(files));
  SLUICE_ASSIGN_OR_RETURN(const auto level, MakeLevel(FLAGS_level));
  Runner runner(*level, tally);
  for (const auto& [file, cases] : files) {
    SLUICE_RETURN_IF_ERROR(runner.Run(file, cases, modes));
  }
  return Ok();
}

int Main(const std::vector<std::string>& paths) {
  Tally tally;
  if (const Status judged = Judge(paths, tally); !judged.ok()) {
    std::cerr << "sluice-conformance: " << judged.error().message() << "\n";
    return kUnusable;
  }
  tally.Print(std::cout);
  return tally.wrong() == 0 ? kAllRight : kSomeWrong;
}

}  // namespace
}  // namespace sluice::conformance

int main(int argc, char** argv) {
  FLAGS_minloglevel = google::GLOG_WARNING;  // every bundle is news to the reconciler, not here
  FLAGS_logtostderr = true;
  gflags::SetUsageMessage(
      "--level=engine|trace|packets [--mode=jump|replay|both] [--sample=N/M] FILE...");
  gflags::ParseCommandLineFlags(&argc, &argv, true);
  google::InitGoogleLogging(argv[0]);
  return sluice::conformance::Main({argv + 1, argv + argc});
}
