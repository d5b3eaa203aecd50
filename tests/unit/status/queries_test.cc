// What sluicectl is answered.
#include "agent/status/queries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "tests/fakes/node_fixture.h"

namespace sluice::status {
namespace {

using fakes::PodBuilder;
using fakes::Present;
using testing::HasSubstr;

class QueriesTest : public fakes::NodeFixture {
 protected:
  QueriesTest() {
    bridge_.Listen(reconciler_);
    HaveShop();
  }

  rapidjson::Document Ask(const std::string& request) const {
    const Queries queries(desired_, reconciler_, [this] { return facts_; });
    rapidjson::Document document;
    document.Parse(queries.Answer(request).c_str());
    EXPECT_FALSE(document.HasParseError()) << request;
    return document;
  }

  // "allowed", "denied", or why it is unknown.
  std::string Verdict(const std::string& source, const std::string& destination,
                      const std::string& service = R"("protocol": "tcp", "port": 5432)") const {
    const rapidjson::Document answer =
        Ask(R"({"method": "verdicts", "queries": [{"source": ")" + source +
            R"(", "destination": ")" + destination + "\", " + service + "}]}");
    const rapidjson::Value& verdict = answer["result"][0];
    if (verdict.HasMember("unknown")) return verdict["unknown"].GetString();
    return verdict["allowed"].GetBool() ? "allowed" : "denied";
  }

  reconcile::FlowReconciler reconciler_{bridge_, desired_, OnLoop()};
  AgentFacts facts_;
};

TEST_F(QueriesTest, VerdictsFollowThePolicies) {
  EXPECT_EQ(Verdict("shop/api", "shop/db"), "allowed");
  EXPECT_EQ(Verdict("shop/web", "shop/db"), "denied");
  EXPECT_EQ(Verdict("192.0.2.7", "shop/db"), "denied");
  EXPECT_EQ(Verdict("shop/api", "shop/db", R"("protocol": "UDP", "port": 5432)"), "denied");
  EXPECT_EQ(Verdict("shop/db", "192.0.2.7"), "allowed");
}

TEST_F(QueriesTest, WhatNoPolicyCanForbidIsAllowed) {
  EXPECT_EQ(Verdict("node", "shop/db"), "allowed");
  EXPECT_EQ(Verdict("shop/db", "shop/db"), "allowed");
  // But the node's address is not the node: forwarded traffic may carry it.
  EXPECT_EQ(Verdict("10.244.0.1", "shop/db"), "denied");
}

TEST_F(QueriesTest, WhatCannotBeJudgedIsUnknownAndSaysWhy) {
  EXPECT_EQ(Verdict("shop/nobody", "shop/db"), "there is no pod shop/nobody");
  EXPECT_THAT(Verdict("shop", "shop/db"), HasSubstr("not an IP address: \"shop\""));
  EXPECT_THAT(Verdict("shop/api", "shop/db", R"("protocol": "icmp", "port": 1)"),
              HasSubstr("\"icmp\" is none of tcp, udp, sctp"));
  EXPECT_THAT(Verdict("shop/api", "shop/db", R"("protocol": "tcp", "port": 70000)"),
              HasSubstr("70000 is not in 1..65535"));
  EXPECT_THAT(Verdict("shop/api", "shop/db", R"("protocol": 6)"), HasSubstr("none of"));
}

TEST_F(QueriesTest, SctpIsJudgedLikeAnyOtherProtocol) {
  EXPECT_EQ(Verdict("shop/api", "shop/db", R"("protocol": "SCTP", "port": 5432)"), "denied");
  EXPECT_EQ(Verdict("shop/db", "shop/api", R"("protocol": "sctp", "port": 5432)"), "allowed");
}

TEST_F(QueriesTest, APodIsJudgedForTheFamilyOfTheOtherPartyOrByTheAddressThatIsNamed) {
  const store::Pod two =
      PodBuilder("shop", "two").Labels({{"app", "db"}}).Ip("10.244.0.9").Ip("fd00::9");
  desired_.Apply({Present(two)});
  desired_.PutEndpoint(fakes::EndpointOf(two, OfPort{4}));
  EXPECT_EQ(Verdict("fd00::1", "shop/two"), "denied");
  EXPECT_EQ(Verdict("fd00::1", "shop/two@fd00::9"), "denied");
  EXPECT_EQ(Verdict("shop/api", "shop/two@10.244.0.9"), "allowed");
  EXPECT_THAT(Verdict("shop/api", "shop/two@fd00::9"), HasSubstr("no addresses of one family"));
  EXPECT_THAT(Verdict("fd00::1", "shop/db"), HasSubstr("no addresses of one family"));
  EXPECT_EQ(Verdict("shop/two@10.244.0.3", "shop/db"), "pod shop/two has no address 10.244.0.3");
  EXPECT_THAT(Verdict("shop/two@", "shop/db"), HasSubstr("not an IP address"));
}

TEST_F(QueriesTest, AnAllowedVerdictNamesItsRule) {
  const rapidjson::Document answer = Ask(
      R"({"method": "verdicts", "queries": [{"source": "shop/api", "destination": "shop/db",
          "protocol": "tcp", "port": 5432}]})");

  EXPECT_STREQ(answer["result"][0]["ingress"]["origin"].GetString(), "shop/db ingress[0]");
}

TEST_F(QueriesTest, StatusTellsWhatIsWrong) {
  facts_.complaints = {"web.yaml:3: Pod shop/x: spec: ..."};

  const rapidjson::Document answer = Ask(R"({"method": "status"})");

  const rapidjson::Value& status = answer["result"];
  EXPECT_FALSE(status["inSync"].GetBool());
  EXPECT_STREQ(status["switch"].GetString(), "disconnected");
  EXPECT_EQ(status["endpoints"].GetUint(), 2u);
  ASSERT_EQ(status["complaints"].Size(), 1u);
  EXPECT_STREQ(status["complaints"][0].GetString(), "web.yaml:3: Pod shop/x: spec: ...");
}

TEST_F(QueriesTest, InSyncOnlyWhenTheSwitchHoldsEverything) {
  reconciler_.OnSourcesSynced();
  bridge_.Connect();
  loop_.RunDue();
  EXPECT_TRUE(Ask(R"({"method": "status"})")["result"]["inSync"].GetBool());

  desired_.RemoveEndpoint(fakes::EndpointOf(PodBuilder("shop", "api"), OfPort{3}).id);
  EXPECT_FALSE(Ask(R"({"method": "status"})")["result"]["inSync"].GetBool());
}

TEST_F(QueriesTest, EndpointsClassesAndRulesAreListed) {
  const rapidjson::Document endpoints = Ask(R"({"method": "endpoints"})");
  ASSERT_EQ(endpoints["result"].Size(), 2u);
  EXPECT_STREQ(endpoints["result"][1]["pod"].GetString(), "shop/db");
  EXPECT_STREQ(endpoints["result"][1]["gate"].GetString(), "open");

  const rapidjson::Document classes = Ask(R"({"method": "classes"})");
  EXPECT_STREQ(classes["result"][0]["predicates"][0].GetString(), "pods shop/{app=api}");
  EXPECT_STREQ(classes["result"][0]["addresses"][0].GetString(), "10.244.0.3/32");

  const rapidjson::Document rules = Ask(R"({"method": "rules"})");
  EXPECT_STREQ(rules["result"][0]["origins"][0].GetString(), "shop/db ingress[0]");
}

TEST_F(QueriesTest, NonsenseGetsAnError) {
  EXPECT_THAT(Ask("{")["error"].GetString(), HasSubstr("not a JSON object"));
  EXPECT_THAT(Ask("[]")["error"].GetString(), HasSubstr("not a JSON object"));
  EXPECT_THAT(Ask(R"({"method": "dance"})")["error"].GetString(), HasSubstr("\"dance\""));
  EXPECT_EQ(Ask(R"({"method": "verdicts", "queries": 3})")["result"].Size(), 0u);
  EXPECT_TRUE(Ask(R"({"method": "verdicts", "queries": [3]})")["result"][0].HasMember("unknown"));
}

}  // namespace
}  // namespace sluice::status
