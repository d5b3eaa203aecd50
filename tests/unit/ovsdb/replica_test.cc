#include "agent/ovsdb/replica.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ovsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

Status Apply(const std::string& text, Replica* replica) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  EXPECT_FALSE(document.HasParseError()) << text;
  return replica->Apply(document);
}

std::string Device(const std::string& name, const std::string& ofport) {
  return R"({"new":{"name":")" + name + R"(","type":"","mac":["set",[]],"ofport":)" + ofport +
         R"(,"ofport_request":["set",[]],"error":["set",[]],"external_ids":["map",[]]}})";
}

std::string Port(const std::string& name, const std::string& device) {
  return R"({"new":{"name":")" + name + R"(","interfaces":["uuid",")" + device + R"("]}})";
}

std::string Bridge(const std::string& name, const std::string& ports) {
  return R"({"new":{"name":")" + name + R"(","datapath_type":"","fail_mode":["set",[]],)" +
         R"("other_config":["map",[]],"flow_tables":["map",[]],"ports":["set",[)" + ports + "]]}}";
}

// Two bridges with a port each: ours has "a", the other one "b".
Replica TwoBridges() {
  Replica replica;
  const std::string updates =
      R"({"Bridge":{"B1":)" + Bridge("ours", R"(["uuid","P1"])") + R"(,"B2":)" +
      Bridge("other", R"(["uuid","P2"])") + R"(},"Port":{"P1":)" + Port("a", "I1") + R"(,"P2":)" +
      Port("b", "I2") + R"(},"Interface":{"I1":)" + Device("a", "7") + R"(,"I2":)" +
      Device("b", "8") + R"(},"Open_vSwitch":{"R":)" + R"({"new":{"cur_cfg":3,"next_cfg":4}}}})";
  const Status applied = Apply(updates, &replica);
  EXPECT_TRUE(applied.ok()) << applied.error().message();
  return replica;
}

TEST(ReplicaTest, ShowsTheInterfacesOfOneBridgeOnly) {
  const Replica replica = TwoBridges();
  const auto rows = replica.InterfacesOf("ours");
  ASSERT_THAT(rows, ElementsAre(Key("a")));
  EXPECT_EQ(rows.at("a").ofport, OfPort{7});
  EXPECT_THAT(replica.InterfacesOf("none"), IsEmpty());
  ASSERT_TRUE(replica.root().has_value());
  EXPECT_EQ(replica.root()->cur_cfg, 3);
  EXPECT_EQ(replica.root()->next_cfg, 4);
}

TEST(ReplicaTest, FollowsChangesAndDeletions) {
  Replica replica = TwoBridges();

  ASSERT_TRUE(Apply(R"({"Interface":{"I1":)" + Device("a", R"(["set",[]])") + "}}", &replica).ok());
  EXPECT_EQ(replica.InterfacesOf("ours").at("a").ofport, std::nullopt);

  ASSERT_TRUE(Apply(R"({"Bridge":{"B1":)" + Bridge("ours", "") +
                        R"(},"Port":{"P1":{"old":{}}},"Interface":{"I1":{"old":{}}}})",
                    &replica)
                  .ok());
  EXPECT_THAT(replica.InterfacesOf("ours"), IsEmpty());
  EXPECT_EQ(replica.Device("I1"), nullptr);
}

TEST(ReplicaTest, AnOfportThatIsNoneIsAbsent) {
  for (const char* ofport : {"-1", "0", "65536", "9223372036854775807"}) {
    Replica replica = TwoBridges();
    ASSERT_TRUE(Apply(R"({"Interface":{"I1":)" + Device("a", ofport) + "}}", &replica).ok());
    EXPECT_EQ(replica.InterfacesOf("ours").at("a").ofport, std::nullopt) << ofport;
  }
}

TEST(ReplicaTest, ReferencesToRowsThatAreNotThereAreHarmless) {
  Replica replica;
  ASSERT_TRUE(Apply(R"({"Bridge":{"B":)" + Bridge("ours", R"(["uuid","P"],["uuid","Q"])") +
                        R"(},"Port":{"P":)" + Port("a", "gone") + "}}",
                    &replica)
                  .ok());
  EXPECT_THAT(replica.InterfacesOf("ours"), IsEmpty());
}

TEST(ReplicaTest, NamesTableAndRowOfAnUpdateItCannotRead) {
  Replica replica;
  const Status status = Apply(R"({"Port":{"P1":{"new":{"name":7}}}})", &replica);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("Port"));
  EXPECT_THAT(status.error().message(), HasSubstr("P1"));
  for (const char* updates : {"[]", "7", R"({"Port":7})", R"({"Port":{"P":7}})", R"({"SSL":{}})"}) {
    EXPECT_FALSE(Apply(updates, &replica).ok()) << updates;
  }
}

}  // namespace
}  // namespace sluice::ovsdb
