#include "tests/conformance/connectivity_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/case_file.h"
#include "tests/conformance/test_data.h"

namespace sluice::conformance {
namespace {

const Table* Find(const Step& step, const Service& service) {
  for (const Table& table : step.tables) {
    if (table.service == service) return &table;
  }
  return nullptr;
}

std::optional<Expected> Find(const Step& step, const Table& table, const std::string& source,
                             const std::string& destination) {
  for (const Cell& cell : table.cells) {
    if (step.ends[cell.source].name == source && step.ends[cell.destination].name == destination) {
      return cell.expected;
    }
  }
  return std::nullopt;
}

class ConnectivityFileTest : public testing::Test {
 protected:
  void SetUp() override {
    auto cases = ParseCaseFile(TestData("workloads.json"));
    ASSERT_TRUE(cases.ok()) << cases.error().message();
    cases_ = std::move(cases).value();
  }
  const Step& step() const { return cases_.front().steps.front(); }
  std::optional<Expected> Of(uint16_t port, const std::string& from, const std::string& to) const {
    const Table* table = Find(step(), {store::Protocol::kTcp, port});
    return table == nullptr ? std::nullopt : Find(step(), *table, from, to);
  }

  std::vector<Case> cases_;
};

TEST_F(ConnectivityFileTest, TriesThePortsBesideEveryRange) {
  EXPECT_EQ(Of(79, "x/client-1", "x/server-1"), Expected::kDenied);
  EXPECT_EQ(Of(80, "x/client-1", "x/server-1"), Expected::kAllowed);
  EXPECT_EQ(Of(81, "x/client-1", "x/server-1"), Expected::kDenied);
}

TEST_F(ConnectivityFileTest, TriesTheEdgesOfOutsideRanges) {
  EXPECT_EQ(Of(80, "10.255.255.255", "x/server-1"), Expected::kAllowed);
  EXPECT_EQ(Of(80, "255.255.255.255", "x/server-1"), Expected::kDenied);
  EXPECT_EQ(Of(1, "x/server-1", "255.255.255.255"), Expected::kAllowed);
}

TEST_F(ConnectivityFileTest, LeavesHostNetworkPodsOut) {
  EXPECT_EQ(Of(80, "x/node-1", "x/server-1"), std::nullopt);
  const Table* table = Find(step(), {store::Protocol::kTcp, 80});
  ASSERT_NE(table, nullptr);
  EXPECT_GT(table->left_out.at("host-network pod"), 0u);
}

TEST_F(ConnectivityFileTest, LeavesPairsOutWhereABlockCoversAPod) {
  const auto covered =
      ParseCaseFile(With(TestData("workloads.json"), "\"10.0.0.0/8\"", "\"0.0.0.0/0\""));
  ASSERT_TRUE(covered.ok()) << covered.error().message();
  const Step& of = covered->front().steps.front();
  const Table* table = Find(of, {store::Protocol::kTcp, 80});
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(Find(of, *table, "x/client-1", "x/server-1"), std::nullopt);
  EXPECT_EQ(table->left_out.at("ipBlock covers a pod"), 1u);
  // The other way round no block is asked.
  EXPECT_EQ(Find(of, *table, "x/server-1", "x/client-1"), Expected::kAllowed);
}

TEST_F(ConnectivityFileTest, NamesThePlaceThatIsWrong) {
  const auto error = [](const std::string& from, const std::string& to) {
    const auto cases = ParseCaseFile(With(TestData("workloads.json"), from, to));
    return cases.ok() ? "no error" : cases.error().message();
  };
  EXPECT_THAT(error("10.0.0.0-10.255.255.255", "10.0.0.0-9.255.255.255"),
              testing::HasSubstr("cases[0].allowed[2].from: is no address range"));
  EXPECT_THAT(error("\"connections\": \"all\"", "\"connections\": \"some\""),
              testing::HasSubstr("cases[0].allowed[1].connections"));
}

}  // namespace
}  // namespace sluice::conformance
