// "why" as the agent answers it.
#include "agent/status/why.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "agent/status/queries.h"
#include "tests/fakes/node_fixture.h"

namespace sluice::status {
namespace {

using rapidjson::Value;
using testing::HasSubstr;
using testing::StartsWith;

class WhyTest : public fakes::NodeFixture {
 protected:
  WhyTest() {
    bridge_.Listen(reconciler_);
    HaveShop();
  }

  rapidjson::Document Ask(const std::string& source, const std::string& target) const {
    const Queries queries(desired_, reconciler_, [] {
      AgentFacts facts;
      facts.names = {.bridge = "br-int", .gateway_port = "gw0", .ovs_rundir = "/run/ovs"};
      return facts;
    });
    rapidjson::Document document;
    document.Parse(queries
                       .Answer(R"({"method": "why", "source": ")" + source + R"(", "target": ")" +
                               target + "\"}")
                       .c_str());
    return document;
  }
  // The only path of the answer.
  static const Value& Path(const rapidjson::Document& answer) {
    EXPECT_TRUE(answer.HasMember("result"));
    EXPECT_EQ(answer["result"]["paths"].Size(), 1u);
    return answer["result"]["paths"][0];
  }

  reconcile::FlowReconciler reconciler_{bridge_, desired_, OnLoop()};
};

TEST_F(WhyTest, TheAnswerHasItsStableNames) {
  const auto answer = Ask("shop/api", "shop/db:5433");

  const Value& result = answer["result"];
  EXPECT_STREQ(result["verdict"].GetString(), "denied");
  EXPECT_STREQ(result["protocol"].GetString(), "TCP");
  EXPECT_TRUE(result["notes"].IsArray());
  EXPECT_FALSE(result["inSync"].GetBool());
  EXPECT_TRUE(result["revision"].IsUint64());
  const Value& path = Path(answer);
  EXPECT_STREQ(path["source"].GetString(), "10.244.0.3 (shop/api)");
  EXPECT_STREQ(path["destinationAddress"].GetString(), "10.244.0.2");
  EXPECT_EQ(path["port"].GetUint(), 5433u);
  EXPECT_STREQ(path["engine"].GetString(), "denied");
  const Value& ingress = path["ingress"];
  EXPECT_STREQ(ingress["verdict"].GetString(), "denied");
  EXPECT_STREQ(ingress["judgedBy"].GetString(), "this node");
  EXPECT_TRUE(ingress["isolated"].GetBool());
  EXPECT_EQ(ingress["decidedBy"].Size(), 0u);
  const Value& rule = ingress["policies"][0]["rules"][0];
  EXPECT_STREQ(ingress["policies"][0]["policy"].GetString(), "shop/db");
  EXPECT_EQ(rule["index"].GetUint(), 0u);
  EXPECT_STREQ(rule["matches"].GetString(), "no");
  EXPECT_STREQ(rule["peers"].GetString(), "yes");
  EXPECT_STREQ(rule["ports"].GetString(), "no");
  EXPECT_THAT(rule["words"][0].GetString(),
              HasSubstr("port 5433/TCP does not (rule has 5432/TCP)"));
}

TEST_F(WhyTest, AnAllowedDirectionNamesItsRules) {
  const auto answer = Ask("shop/api", "shop/db:5432");

  EXPECT_STREQ(Path(answer)["ingress"]["decidedBy"][0].GetString(), "shop/db ingress[0]");
  EXPECT_STREQ(Path(answer)["engine"].GetString(), "allowed");
}

TEST_F(WhyTest, TheTraceStartsWhereTheSourceIsAndEndsAtTheDestination) {
  const auto from_pod = Ask("shop/api", "shop/db:5432");
  const Value& trace = Path(from_pod)["trace"];
  EXPECT_STREQ(trace["rundir"].GetString(), "/run/ovs");
  EXPECT_EQ(trace["output"].GetString(), store::HostIfname({"shop-db", "eth0"}));
  EXPECT_STREQ(trace["fromPort"]["method"].GetString(), "ofproto/trace");
  EXPECT_THAT(trace["fromPort"]["parameters"][2].GetString(), StartsWith("in_port=3,tcp,"));

  const auto from_node = Ask("node", "shop/db:5432");
  EXPECT_THAT(Path(from_node)["trace"]["fromPort"]["parameters"][2].GetString(),
              StartsWith("in_port=LOCAL,"));
  const auto from_outside = Ask("203.0.113.7", "shop/db:5432");
  EXPECT_THAT(Path(from_outside)["trace"]["fromPort"]["parameters"][2].GetString(),
              StartsWith("in_port=1,"));
  const auto from_far = Ask("shop/far", "shop/db:5432");
  EXPECT_THAT(Path(from_far)["trace"]["fromPort"]["parameters"][2].GetString(),
              StartsWith("in_port=1,"));
  const auto to_far = Ask("shop/db", "shop/far:5432");
  EXPECT_STREQ(Path(to_far)["trace"]["output"].GetString(), "gw0");
}

TEST_F(WhyTest, WhatTheBridgeNeverSeesIsNotTraced) {
  const auto self = Ask("shop/db", "shop/db:1");
  EXPECT_FALSE(Path(self).HasMember("trace"));
  EXPECT_TRUE(Path(self)["switch"]["agrees"].IsNull());
  EXPECT_STREQ(Path(self)["engine"].GetString(), "allowed");
  const auto elsewhere = Ask("shop/far", "192.0.2.1:1");
  EXPECT_STREQ(Path(elsewhere)["switch"]["words"].GetString(),
               "neither end is attached to this bridge");
}

TEST_F(WhyTest, AQuestionThatMakesNoSenseIsAnError) {
  EXPECT_THAT(Ask("shop/api", "shop/db")["error"].GetString(), HasSubstr("has no port"));
}

}  // namespace
}  // namespace sluice::status
