#include "agent/ovsdb/transactions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ovsdb {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr MacAddress kGatewayMac({0x0a, 0, 0, 0, 0, 1});
constexpr MacAddress kLocalMac({0x0a, 0, 0, 0, 0, 2});

BridgeSpec Spec() {
  return {.name = "br",
          .datapath_type = "netdev",
          .tables = {{.table = 0, .name = "Classifier", .prefixes = {}},
                     {.table = 50, .name = "SourceClass", .prefixes = {"ct_nw_src"}}},
          .gateway = {.name = "gw", .ofport = OfPort{2}, .mac = kGatewayMac},
          .local_mac = kLocalMac};
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

constexpr char kAsSpecified[] = R"({
  "Open_vSwitch":{"R":{"new":{"cur_cfg":1,"next_cfg":1}}},
  "Bridge":{"B":{"new":{"name":"br","datapath_type":"netdev","fail_mode":"secure",
    "other_config":["map",[["hwaddr","0A:00:00:00:00:02"],["x","y"]]],
    "ports":["set",[["uuid","PL"],["uuid","PG"],["uuid","PX"]]],
    "flow_tables":["map",[[0,["uuid","T0"]],[50,["uuid","T50"]]]]}}},
  "Port":{"PL":{"new":{"name":"br","interfaces":["uuid","IL"]}},
          "PG":{"new":{"name":"gw","interfaces":["uuid","IG"]}},
          "PX":{"new":{"name":"pod","interfaces":["uuid","IX"]}}},
  "Interface":{
    "IL":{"new":{"name":"br","type":"internal","mac":["set",[]],"ofport":65534,
      "ofport_request":["set",[]],"error":["set",[]],"external_ids":["map",[]]}},
    "IG":{"new":{"name":"gw","type":"internal","mac":"0a:00:00:00:00:01","ofport":2,
      "ofport_request":2,"error":["set",[]],"external_ids":["map",[]]}},
    "IX":{"new":{"name":"pod","type":"","mac":["set",[]],"ofport":3,
      "ofport_request":["set",[]],"error":["set",[]],"external_ids":["map",[]]}}},
  "Flow_Table":{"T0":{"new":{"name":"Classifier","prefixes":["set",[]]}},
                "T50":{"new":{"name":"SourceClass","prefixes":"ct_nw_src"}}}})";

// The corrections, without what each one ends with: the bump of next_cfg.
std::string Corrections(const std::string& database) {
  rapidjson::Document document;
  document.Parse(database.c_str());
  EXPECT_FALSE(document.HasParseError());
  Replica replica;
  const Status applied = replica.Apply(document);
  EXPECT_TRUE(applied.ok()) << applied.error().message();
  const Transaction corrections = BridgeCorrections(replica, Spec());
  return corrections.empty() ? "" : corrections.Params();
}

TEST(BridgeCorrectionsTest, NothingIsWrittenWhenAllIsRight) {
  EXPECT_EQ(Corrections(kAsSpecified), "");
}

TEST(BridgeCorrectionsTest, CreatesABridgeThatIsClosedFromTheStart) {
  const std::string params = Corrections("{}");
  EXPECT_THAT(params, HasSubstr(R"("op":"insert","table":"Open_vSwitch")"));
  EXPECT_THAT(params, HasSubstr(R"("fail_mode":"secure")"));
  EXPECT_THAT(params, HasSubstr(R"("datapath_type":"netdev")"));
  EXPECT_THAT(params, HasSubstr(R"(["map",[["hwaddr","0a:00:00:00:00:02"]]])"));
  EXPECT_THAT(params, HasSubstr(R"({"name":"SourceClass","prefixes":["set",["ct_nw_src"]]})"));
  EXPECT_THAT(params, HasSubstr(R"({"mac":"0a:00:00:00:00:01","name":"gw","ofport_request":2,)"
                                R"("type":"internal"})"));
  EXPECT_THAT(params, HasSubstr(R"("next_cfg","+=",1)"));
}

TEST(BridgeCorrectionsTest, CorrectsOnlyWhatDiffers) {
  struct Case {
    std::string from, to, expected;
  };
  const std::vector<Case> cases = {
      {R"("fail_mode":"secure")", R"("fail_mode":["set",[]])", R"("row":{"fail_mode":"secure"})"},
      {R"("fail_mode":"secure")", R"("fail_mode":"standalone")", R"("row":{"fail_mode":"secure"})"},
      {R"("datapath_type":"netdev")", R"("datapath_type":"")",
       R"("row":{"datapath_type":"netdev"})"},
      {R"("name":"Classifier")", R"("name":"Old")", R"("row":{"flow_tables":["map",)"},
      {R"("prefixes":"ct_nw_src")", R"("prefixes":["set",[]])", R"("row":{"flow_tables":["map",)"},
      {R"([0,["uuid","T0"]],)", "", R"("row":{"flow_tables":["map",)"},
      {R"(["hwaddr","0A:00:00:00:00:02"],)", "",
       R"(["other_config","insert",["map",[["hwaddr","0a:00:00:00:00:02"]]]])"},
      {"0A:00:00:00:00:02", "0A:00:00:00:00:03", R"(["other_config","delete",["set",["hwaddr"]]])"},
      {R"("mac":"0a:00:00:00:00:01")", R"("mac":["set",[]])", R"("table":"Interface","where")"},
      {R"("ofport_request":2)", R"("ofport_request":3)", R"("table":"Interface","where")"},
      {R"(["uuid","PG"],)", "", R"(["ports","insert",["named-uuid","row1"]])"},
      {R"(["uuid","PL"],)", "", R"(["ports","insert",["named-uuid","row1"]])"},
  };
  for (const auto& [from, to, expected] : cases) {
    const std::string params = Corrections(Replaced(kAsSpecified, from, to));
    EXPECT_THAT(params, HasSubstr(expected)) << from << " -> " << to;
    EXPECT_THAT(params, HasSubstr(R"("next_cfg","+=",1)")) << to;
    EXPECT_THAT(params, Not(HasSubstr("pod"))) << to;
    EXPECT_THAT(params, Not(HasSubstr(R"("table":"Open_vSwitch","row")"))) << to;
  }
}

TEST(PortTransactionsTest, AddsInterfaceThenPortThenPutsItOnTheBridge) {
  const Transaction add =
      AddPortTransaction("B", {.ifname = "slu1", .type = "", .external_ids = {{"k\"", "v"}}});
  EXPECT_THAT(
      add.Params(),
      HasSubstr(R"("table":"Interface","row":{"external_ids":["map",[["k\"","v"]]],"name":"slu1",)"
                R"("type":""},"uuid-name":"row0"},)"
                R"({"op":"insert","table":"Port","row":{"interfaces":["named-uuid","row0"],)"
                R"("name":"slu1"},"uuid-name":"row1"},)"
                R"({"op":"mutate","table":"Bridge","where":[["_uuid","==",["uuid","B"]]],)"
                R"("mutations":[["ports","insert",["named-uuid","row1"]]]})"));
}

TEST(PortTransactionsTest, DeletesByTakingThePortOffTheBridge) {
  EXPECT_THAT(DeletePortTransaction({.bridge = "B", .port = "P"}).Params(),
              HasSubstr(R"("where":[["_uuid","==",["uuid","B"]]],)"
                        R"("mutations":[["ports","delete",["uuid","P"]]])"));
}

}  // namespace
}  // namespace sluice::ovsdb
