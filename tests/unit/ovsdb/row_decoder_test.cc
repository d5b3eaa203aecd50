#include "agent/ovsdb/row_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ovsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;

rapidjson::Document Json(const std::string& text) {
  rapidjson::Document document;
  document.Parse(text.c_str());
  EXPECT_FALSE(document.HasParseError()) << text;
  return document;
}

constexpr char kDevice[] = R"({"name":"eth7","type":"","mac":["set",[]],"ofport":11,
    "ofport_request":["set",[]],"error":["set",[]],
    "external_ids":["map",[["sluice-ifname","eth0"]]]})";

std::string With(std::string row, const std::string& from, const std::string& to) {
  const size_t at = row.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return row.replace(at, from.size(), to);
}

TEST(RowDecoderTest, ReadsAnInterface) {
  const auto device = DecodeDevice(Json(kDevice));
  ASSERT_TRUE(device.ok()) << device.error().message();
  EXPECT_EQ(device->name, "eth7");
  EXPECT_EQ(device->type, "");
  EXPECT_EQ(device->mac, std::nullopt);
  EXPECT_EQ(device->ofport, 11);
  EXPECT_EQ(device->ofport_request, std::nullopt);
  EXPECT_EQ(device->error, "");
  EXPECT_THAT(device->external_ids, ElementsAre(Pair("sluice-ifname", "eth0")));
}

TEST(RowDecoderTest, ReadsWhatTheSwitchSaysOfADeviceItCannotOpen) {
  const std::string row = With(With(kDevice, "\"ofport\":11", "\"ofport\":-1"),
                               "\"error\":[\"set\",[]]", "\"error\":\"No such device\"");
  const auto device = DecodeDevice(Json(row));
  ASSERT_TRUE(device.ok());
  EXPECT_EQ(device->ofport, -1);
  EXPECT_EQ(device->error, "No such device");
}

TEST(RowDecoderTest, ReadsSetsOfNoneOneAndMany) {
  const auto ports = [](const std::string& set) {
    const auto bridge = DecodeBridge(
        Json(R"({"name":"br","datapath_type":"netdev","fail_mode":"secure",)"
             R"("other_config":["map",[]],"flow_tables":["map",[[3,["uuid","t"]]]],"ports":)" +
             set + "}"));
    EXPECT_TRUE(bridge.ok()) << bridge.error().message();
    EXPECT_EQ(bridge->fail_mode, "secure");
    EXPECT_THAT(bridge->flow_tables, ElementsAre(Pair(3, "t")));
    return bridge->ports;
  };
  EXPECT_THAT(ports(R"(["set",[]])"), IsEmpty());
  EXPECT_THAT(ports(R"(["uuid","a"])"), ElementsAre("a"));
  EXPECT_THAT(ports(R"(["set",[["uuid","a"],["uuid","b"]]])"), ElementsAre("a", "b"));
}

TEST(RowDecoderTest, NamesTheColumnThatIsWrong) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"\"name\":\"eth7\"", "\"name\":7"},
      {"\"name\":\"eth7\"", "\"name\":[\"set\",[]]"},
      {"\"type\":\"\"", "\"type\":[\"set\",[\"a\",\"b\"]]"},
      {"\"mac\":[\"set\",[]]", "\"mac\":[\"set\",7]"},
      {"\"ofport\":11", "\"ofport\":\"11\""},
      {"\"ofport\":11", "\"ofport\":1e300"},
      {"\"error\":[\"set\",[]]", "\"error\":{}"},
      {"[[\"sluice-ifname\",\"eth0\"]]", "[[\"sluice-ifname\"]]"},
      {"[[\"sluice-ifname\",\"eth0\"]]", "[[\"sluice-ifname\",null]]"},
      {"[\"map\",[[\"sluice-ifname\",\"eth0\"]]]", "[\"map\"]"},
  };
  for (const auto& [from, to] : wrong) {
    const auto device = DecodeDevice(Json(With(kDevice, from, to)));
    ASSERT_FALSE(device.ok()) << to;
    EXPECT_EQ(device.error().code(), ErrorCode::kInvalid);
    const std::string column =
        from[0] == '"' ? from.substr(1, from.find('"', 1) - 1) : "external_ids";
    EXPECT_THAT(device.error().message(), HasSubstr(column)) << to;
  }
}

TEST(RowDecoderTest, RefusesRowsThatAreNoObjects) {
  for (const char* row : {"null", "[]", "7", "{}", "\"x\""}) {
    EXPECT_FALSE(DecodeDevice(Json(row)).ok()) << row;
    EXPECT_FALSE(DecodeBridge(Json(row)).ok()) << row;
    EXPECT_FALSE(DecodePort(Json(row)).ok()) << row;
    EXPECT_FALSE(DecodeRoot(Json(row)).ok()) << row;
    EXPECT_FALSE(DecodeFlowTable(Json(row)).ok()) << row;
  }
}

}  // namespace
}  // namespace sluice::ovsdb
