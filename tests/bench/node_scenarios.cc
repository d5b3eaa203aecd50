// The scenarios that need a whole node: set up and measured by node_bench.py, which prints a row a
// line.
#include <glog/logging.h>
#include <rapidjson/document.h>

#include <array>
#include <cstdio>
#include <sstream>

#include "tests/bench/scenario.h"

namespace sluice::bench {
namespace {

std::string Output(const std::string& command) {
  FILE* pipe = popen(command.c_str(), "re");
  PCHECK(pipe != nullptr) << command;
  std::string output;
  std::array<char, 4096> chunk;
  for (size_t count; (count = fread(chunk.data(), 1, chunk.size(), pipe)) > 0;) {
    output.append(chunk.data(), count);
  }
  CHECK_EQ(pclose(pipe), 0) << command << ":\n" << output;
  return output;
}

Row RowOf(const rapidjson::Document& json) {
  Row row{.name = json["name"].GetString(),
          .value = json["value"].GetDouble(),
          .unit = json["unit"].GetString(),
          .spread = json["spread"].GetDouble()};
  if (json.HasMember("against")) {
    row.against = Row::Against{json["against"].GetString(), json["against_value"].GetDouble()};
  }
  if (json.HasMember("goal")) row.goal = json["goal"].GetDouble();
  if (json.HasMember("of_ratio")) row.goal_of = Row::GoalOf::kRatio;
  if (json.HasMember("at_least")) row.sense = Row::Sense::kAtLeast;
  return row;
}

void RunOnNode(const std::string& scenario, Report& report) {
  std::istringstream lines(Output(std::string(SLUICE_NODE_BENCH) + " " + scenario));
  for (std::string line; std::getline(lines, line);) {
    rapidjson::Document json;
    json.Parse(line.c_str());
    CHECK(json.IsObject()) << line;
    report.Add(RowOf(json));
  }
}

}  // namespace

void RunCniAdd(Report& report) { RunOnNode("cni-add", report); }
void RunDatapath(Report& report) { RunOnNode("datapath", report); }
void RunEdit(Report& report) { RunOnNode("edit", report); }
void RunIdle(Report& report) { RunOnNode("idle", report); }

}  // namespace sluice::bench
