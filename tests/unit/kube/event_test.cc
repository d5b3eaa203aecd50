#include "agent/kube/event.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

namespace sluice::kube {
namespace {

using testing::AllOf;
using testing::Ne;
using testing::SizeIs;
using testing::StartsWith;

const ObjectRef kPolicy{.kind = store::ObjectKind::kNetworkPolicy,
                        .key = {"shop", "db"},
                        .uid = "1234",
                        .resource_version = "77"};
const Event kEvent{.object = kPolicy, .reason = "PolicyNotUnderstood", .message = "spec: \"x\""};
const EventOrigin kOrigin{.node = "node-1",
                          .now = std::chrono::system_clock::from_time_t(1'700'000'000)};

rapidjson::Document JsonOf(const Event& event) {
  rapidjson::Document json;
  json.Parse(PostOf(event, kOrigin).json.c_str());
  EXPECT_FALSE(json.HasParseError());
  return json;
}

TEST(EventTest, NamesTheObjectTheReasonAndWhoSaysSo) {
  EXPECT_EQ(PostOf(kEvent, kOrigin).target, "/api/v1/namespaces/shop/events");
  const rapidjson::Document json = JsonOf(kEvent);
  const rapidjson::Value& object = json["involvedObject"];
  EXPECT_STREQ(object["apiVersion"].GetString(), "networking.k8s.io/v1");
  EXPECT_STREQ(object["kind"].GetString(), "NetworkPolicy");
  EXPECT_STREQ(object["name"].GetString(), "db");
  EXPECT_STREQ(object["namespace"].GetString(), "shop");
  EXPECT_STREQ(object["uid"].GetString(), "1234");
  EXPECT_STREQ(object["resourceVersion"].GetString(), "77");
  EXPECT_STREQ(json["metadata"]["namespace"].GetString(), "shop");
  EXPECT_STREQ(json["type"].GetString(), "Warning");
  EXPECT_STREQ(json["reason"].GetString(), "PolicyNotUnderstood");
  EXPECT_STREQ(json["message"].GetString(), "spec: \"x\"");
  EXPECT_STREQ(json["reportingComponent"].GetString(), "sluice-agent");
  EXPECT_STREQ(json["reportingInstance"].GetString(), "node-1");
  EXPECT_STREQ(json["firstTimestamp"].GetString(), "2023-11-14T22:13:20Z");
}

TEST(EventTest, AnObjectWithoutANamespaceHasItsEventsInDefault) {
  Event event = kEvent;
  event.object = {.kind = store::ObjectKind::kNamespace,
                  .key = {"", "shop"},
                  .uid = "",
                  .resource_version = ""};
  EXPECT_EQ(PostOf(event, kOrigin).target, "/api/v1/namespaces/default/events");
  EXPECT_FALSE(JsonOf(event)["involvedObject"].HasMember("namespace"));
  EXPECT_FALSE(JsonOf(event)["involvedObject"].HasMember("uid"));
}

TEST(EventTest, TheNameIsThatOfObjectAndMessageOnEveryNode) {
  const std::string name = EventName(kEvent);
  EXPECT_THAT(name, AllOf(StartsWith("db."), SizeIs(19)));
  Event other = kEvent;
  other.message = "spec: y";
  EXPECT_THAT(EventName(other), Ne(name));
  other = kEvent;
  other.object.uid = "another object of the same name";
  EXPECT_THAT(EventName(other), Ne(name));
  other = kEvent;
  other.object.resource_version = "78";  // the same complaint about the next version
  EXPECT_EQ(EventName(other), name);
}

TEST(EventTest, NameAndMessageAreNoLongerThanTheApiTakes) {
  Event event = kEvent;
  event.object.key.name = std::string(253, 'a');
  event.message = std::string(1023, 'm') + "\xc3\xa4";  // would be cut in the middle of a letter
  EXPECT_THAT(EventName(event), SizeIs(253));
  EXPECT_EQ(JsonOf(event)["message"].GetStringLength(), 1023U);
}

TEST(EventTest, TheReasonSaysWhetherItIsEnforcedAtAll) {
  EXPECT_EQ(EventOf({Complaint::Severity::kError, "x", kPolicy}, kPolicy).reason,
            "PolicyNotUnderstood");
  EXPECT_EQ(EventOf({Complaint::Severity::kWarning, "x", kPolicy}, kPolicy).reason,
            "PolicyPartlyEnforced");
}

}  // namespace
}  // namespace sluice::kube
