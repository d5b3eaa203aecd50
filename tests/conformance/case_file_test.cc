#include "tests/conformance/case_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/test_data.h"

namespace sluice::conformance {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const std::string& text) {
  const auto cases = ParseCaseFile(text);
  return cases.ok() ? "no error" : cases.error().message();
}

TEST(CaseFileTest, ReadsStatesAndTables) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok()) << cases.error().message();
  ASSERT_EQ(cases->size(), 1u);
  const Case& read = cases->front();
  EXPECT_EQ(read.id, "1");
  ASSERT_EQ(read.steps.size(), 4u);
  const Step& first = read.steps.front();
  EXPECT_EQ(first.state.pods.size(), 3u);
  EXPECT_EQ(first.state.policies.size(), 1u);
  ASSERT_EQ(first.tables.size(), 7u);  // six, and one for the number of the named one
  const Table& combined = first.tables.front();
  EXPECT_EQ(combined.service, (Service{store::Protocol::kTcp, 80}));
  ASSERT_EQ(combined.cells.size(), 6u);  // 3 x 3 without the diagonal
  const auto denied =
      std::count_if(combined.cells.begin(), combined.cells.end(),
                    [](const Cell& cell) { return cell.expected == Expected::kDenied; });
  EXPECT_EQ(denied, 1);
}

TEST(CaseFileTest, NamespacesCarryTheirName) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok());
  const store::Labels& labels = cases->front().steps[0].state.namespaces.at("y").labels;
  EXPECT_EQ(labels.at("kubernetes.io/metadata.name"), "y");
}

TEST(CaseFileTest, LeavesOutWhatTheFileDoesNotJudge) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok());
  const Table& named = cases->front().steps[0].tables[5];
  EXPECT_TRUE(named.cells.empty());
  EXPECT_EQ(named.left_out,
            (std::map<std::string, uint64_t>{{"the pod has no such named port", 1}}));
}

// The tables of the first step that come from TCP/web, by number, when y/b's ports are `ports`.
std::map<uint16_t, size_t> NumbersTried(const std::string& ports) {
  std::string text = TestData("clients.json");
  for (size_t pod = 0; (pod = text.find("\"name\": \"b\"", pod + 1)) != std::string::npos;) {
    const size_t at = text.find("\"ports\": [", pod);
    text.replace(at, text.find(']', at) + 1 - at, "\"ports\": [" + ports + "]");
  }
  const auto cases = ParseCaseFile(text);
  std::map<uint16_t, size_t> tried;
  if (!cases.ok()) return tried;
  const auto& tables = cases->front().steps[0].tables;
  for (size_t i = 6; i < tables.size(); ++i) {
    tried[tables[i].service.port] += tables[i].cells.size();
  }
  return tried;
}

TEST(CaseFileTest, APortNameStandsForEachPodsOwnNumber) {
  EXPECT_EQ(NumbersTried(R"({"name": "web", "port": 80, "protocol": "TCP"})"),
            (std::map<uint16_t, size_t>{{80, 5}}));
  EXPECT_EQ(NumbersTried(R"({"name": "web", "port": 8080, "protocol": "TCP"})"),
            (std::map<uint16_t, size_t>{{80, 4}, {8080, 1}}));
  // Name and protocol must match (netpol rule 31).
  EXPECT_EQ(NumbersTried(R"({"name": "web", "port": 8080, "protocol": "UDP"})"),
            (std::map<uint16_t, size_t>{{80, 4}}));
}

TEST(CaseFileTest, TheFirstStepStartsWithoutWhatItCreates) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok());
  EXPECT_TRUE(cases->front().before.policies.empty());
  EXPECT_EQ(cases->front().before.pods.size(), 3u);
}

TEST(CaseFileTest, ADeletedNamespaceTakesItsPodsAlong) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok());
  const auto& deletion = cases->front().steps[3].actions.front();
  EXPECT_EQ(deletion.size(), 2u);  // z/d, then z
}

TEST(CaseFileTest, ActionsThatLeadElsewhereAreAnError) {
  const std::string text =
      With(TestData("clients.json"), "\"delete-policy\"",
           "\"update-policy\", \"policy\": "
           "{\"metadata\": {\"name\": \"p\", \"namespace\": \"x\"}, \"spec\": {}}");
  EXPECT_THAT(ErrorOf(text), HasSubstr("cases[0].steps[3]: the actions do not lead to the state"));
}

TEST(CaseFileTest, NamesThePlaceThatIsWrong) {
  const std::string good = TestData("clients.json");
  EXPECT_THAT(ErrorOf(With(good, "\"10.1.0.1\"", "\"10.1.0\"")),
              HasSubstr("cases[0].steps[0].pods[0].ip"));
  EXPECT_THAT(ErrorOf(With(good, "\"X..\"", "\"X.\"")),
              HasSubstr("cases[0].steps[0].expected[TCP/80].combined[2]"));
  EXPECT_THAT(ErrorOf(With(good, "\"X..\"", "\"X!.\"")), HasSubstr("no such verdict: !"));
  EXPECT_THAT(ErrorOf(With(good, "\"TCP/80\"", "\"TCP80\"")), HasSubstr("PROTOCOL/PORT"));
  EXPECT_THAT(ErrorOf(With(good, "\"set-pod-labels\"", "\"paint-pod\"")),
              HasSubstr("cases[0].steps[1].actions[0].type: no such action"));
  EXPECT_THAT(ErrorOf(With(good, "\"from-clients\"", "3")), HasSubstr("actions[0].policy"));
}

TEST(CaseFileTest, PassesOverNothingInSilence) {
  const std::string text = TestData("clients.json");
  EXPECT_EQ(ErrorOf(With(text, "\"combined\"", "\"average\"")),
            "cases[0].steps[0].expected[TCP/80].average: no such field is known");
  EXPECT_EQ(ErrorOf(With(text, "\"ip\": ", "\"phase\": \"Failed\", \"ip\": ")),
            "cases[0].steps[0].pods[0].phase: no such field is known");
}

TEST(CaseFileTest, RefusesWhatIsNoCaseFile) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("no JSON"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("not a file of conformance cases"));
  EXPECT_THAT(ErrorOf("{\"cases\": []}"), HasSubstr("not a file of conformance cases"));
  EXPECT_THAT(ErrorOf("{\"cases\": [{}]}"), HasSubstr("neither steps nor allowed"));
  EXPECT_THAT(ErrorOf("{\"tests\": []}"), HasSubstr("ClusterNetworkPolicy"));
  EXPECT_THAT(ErrorOf(std::string(1000000, '[')), HasSubstr("no JSON"));
}

}  // namespace
}  // namespace sluice::conformance
