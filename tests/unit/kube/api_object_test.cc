#include "agent/kube/api_object.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/texts.h"

namespace sluice::kube {
namespace {

using store::ObjectKey;
using testing::HasSubstr;
using testing::StartsWith;

std::string ErrorOf(const ApiObject& object) {
  const auto* error = std::get_if<decode::DecodeError>(&object.content);
  return error == nullptr ? "no error" : error->ToString();
}

ObjectChange ChangeIn(Resource resource, const std::string& text) {
  const auto event = DecodeWatchEvent(resource, {text, Length::kWhole});
  EXPECT_TRUE(event.ok()) << event.error().message();
  return std::get<ObjectChange>(*event);
}

// The whole document, as agent/decode takes it, without any projection.
store::Object DecodedWhole(const std::string& item, const std::string& api_version,
                           const std::string& kind) {
  const std::string text =
      R"({"apiVersion":")" + api_version + R"(","kind":")" + kind + "\"," + item.substr(1);
  rapidjson::Document json;
  json.Parse(text.data(), text.size());
  return *std::get<decode::DecodedObject>(decode::DecodeObject(json, decode::Validation::kStored))
              .object;
}

TEST(ApiObjectTest, WhatTheProjectionDropsNobodyReads) {
  const std::string pod = PodItem("web", "7");
  const std::string policy = PolicyItem(
      "p", "8",
      R"({"podSelector":{"matchExpressions":[{"key":"a","operator":"In","values":["1","2"]}]},)"
      R"("policyTypes":["Ingress","Egress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8",)"
      R"("except":["10.1.0.0/16"]}},{"namespaceSelector":{"matchLabels":{"x":"y"}}}],)"
      R"("ports":[{"port":80,"endPort":90,"protocol":"TCP"},{"port":"http"}]}],"egress":[{}]})");
  const std::string ns = "{" + Meta("shop", "9", R"(,"labels":{"team":"a"})") + "}";

  EXPECT_EQ(std::get<store::Object>(DecodeItem(Resource::kPods, {pod}).content),
            DecodedWhole(pod, "v1", "Pod"));
  EXPECT_EQ(std::get<store::Object>(DecodeItem(Resource::kNetworkPolicies, {policy}).content),
            DecodedWhole(policy, "networking.k8s.io/v1", "NetworkPolicy"));
  EXPECT_EQ(std::get<store::Object>(DecodeItem(Resource::kNamespaces, {ns}).content),
            DecodedWhole(ns, "v1", "Namespace"));
  const std::string node =
      "{" + Meta("n1", "9") +
      R"(,"spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24"],"taints":[]},"status":)"
      R"({"addresses":[{"type":"InternalIP","address":"172.30.0.1"}],"images":[{"names":["i"]}]}})";
  EXPECT_EQ(std::get<store::Object>(DecodeItem(Resource::kNodes, {node}).content),
            DecodedWhole(node, "v1", "Node"));
  EXPECT_EQ(
      std::get<store::Object>(ChangeIn(Resource::kNodes, EventOf("MODIFIED", node)).object.content),
      DecodedWhole(node, "v1", "Node"));
  EXPECT_EQ(
      std::get<store::Object>(ChangeIn(Resource::kPods, EventOf("ADDED", pod)).object.content),
      DecodedWhole(pod, "v1", "Pod"));
}

TEST(ApiObjectTest, AStaticPodsUidOutlivesTheProjection) {
  const std::string pod = "{" +
                          Meta("shop", "9",
                               R"(,"annotations":{"x":"y",)"
                               R"("kubernetes.io/config.mirror":"h-1"})") +
                          "}";
  const auto uid = [](const ApiObject& object) {
    return std::get<store::Pod>(std::get<store::Object>(object.content)).uid;
  };
  EXPECT_EQ(uid(DecodeItem(Resource::kPods, {pod})), "h-1");
  EXPECT_EQ(uid(ChangeIn(Resource::kPods, EventOf("ADDED", pod)).object), "h-1");
}

TEST(ApiObjectTest, AnItemKnowsItsNameAndVersion) {
  const ApiObject pod = DecodeItem(Resource::kPods, {PodItem("web", "7")});
  EXPECT_EQ(pod.key, (ObjectKey{"shop", "web"}));
  EXPECT_EQ(pod.resource_version, "7");
  EXPECT_EQ(pod.warning, std::nullopt);
}

TEST(ApiObjectTest, AFieldThatMakesNoSenseIsNamedWithItsObject) {
  const ApiObject pod =
      DecodeItem(Resource::kPods, {"{" + Meta("web", "7") + R"(,"spec":{"hostNetwork":"maybe"}})"});
  EXPECT_EQ(pod.key, (ObjectKey{"shop", "web"}));
  EXPECT_THAT(ErrorOf(pod), StartsWith("Pod shop/web: spec.hostNetwork: "));
}

TEST(ApiObjectTest, OfATextThatIsNotJsonTheNameIsKnownAsFarAsItGoes) {
  const std::string good = PodItem("web", "7");
  const ApiObject broken = DecodeItem(Resource::kPods, {good.substr(0, good.size() - 1) + ",}"});
  EXPECT_EQ(broken.key, (ObjectKey{"shop", "web"}));
  EXPECT_EQ(broken.resource_version, "7");
  EXPECT_THAT(ErrorOf(broken), StartsWith("Pod shop/web: is not JSON at byte "));

  const ApiObject nameless = DecodeItem(Resource::kPods, {"{]"});
  EXPECT_EQ(nameless.key, std::nullopt);
  EXPECT_THAT(ErrorOf(nameless), StartsWith("Pod: is not JSON"));

  const ApiObject cut = DecodeItem(Resource::kPods, {good.substr(0, 200), Length::kCutOff});
  EXPECT_EQ(cut.key, (ObjectKey{"shop", "web"}));
  EXPECT_EQ(ErrorOf(cut), "Pod shop/web: is longer than 200 bytes");
}

TEST(ApiObjectTest, NamesElsewhereAreNotTheObjects) {
  const ApiObject pod = DecodeItem(
      Resource::kPods, {R"({"spec":{"metadata":{"name":"no"}},"metadata":{"labels":{"name":"no"},)"
                        R"("ownerReferences":[{"name":"no"}],"name":"yes"},"x":{"name":"no"},!})"});
  EXPECT_EQ(pod.key, (ObjectKey{"default", "yes"}));
}

TEST(ApiObjectTest, APolicyThatCannotBeReadClosesItsNamespaceAndSaysSo) {
  store::NetworkPolicy closed;
  closed.key = {"shop", "p"};
  closed.ingress.emplace();
  closed.egress.emplace();
  const std::vector<std::string> texts = {
      "{" + Meta("p", "1", R"(,"labels":{"a":7})") + R"(,"spec":{"podSelector":{}}})",
      "{" + Meta("p", "1") + R"(,"spec":{"podSelector":{"matchLabels":{"a":"b"}}},!})"};
  for (const std::string& text : texts) {
    const ApiObject policy = DecodeItem(Resource::kNetworkPolicies, {text});
    ASSERT_EQ(ErrorOf(policy), "no error");
    EXPECT_EQ(std::get<store::Object>(policy.content), store::Object(closed));
    EXPECT_THAT(policy.warning.value_or(""), StartsWith("NetworkPolicy shop/p: "));
    EXPECT_THAT(policy.warning.value_or(""), HasSubstr("closes every pod of its namespace"));
  }
}

TEST(ApiObjectTest, APolicyWrittenPastValidationIsInForceAndNamesTheField) {
  const ApiObject policy = DecodeItem(
      Resource::kNetworkPolicies,
      {PolicyItem("p", "1", R"({"podSelector":{},"ingress":[{"ports":[{"port":70000}]}]})")});

  ASSERT_EQ(ErrorOf(policy), "no error");
  const auto& decoded = std::get<store::NetworkPolicy>(std::get<store::Object>(policy.content));
  EXPECT_EQ(decoded.ingress, std::vector<store::PolicyRule>{});
  EXPECT_THAT(policy.warning.value_or(""),
              StartsWith("NetworkPolicy shop/p: spec.ingress[0].ports[0].port: "));
}

TEST(ApiObjectTest, EventsSayWhatHappened) {
  using Type = ObjectChange::Type;
  EXPECT_EQ(ChangeIn(Resource::kPods, EventOf("ADDED", PodItem("a", "1"))).type, Type::kPut);
  EXPECT_EQ(ChangeIn(Resource::kPods, EventOf("MODIFIED", PodItem("a", "1"))).type, Type::kPut);
  const ObjectChange gone = ChangeIn(Resource::kPods, EventOf("DELETED", PodItem("a", "12")));
  EXPECT_EQ(gone.type, Type::kDeleted);
  EXPECT_EQ(gone.object.key, (ObjectKey{"shop", "a"}));
  EXPECT_EQ(gone.object.resource_version, "12");
}

TEST(ApiObjectTest, ADeletionCountsAlsoWhenItsObjectMakesNoSense) {
  const ObjectChange gone =
      ChangeIn(Resource::kPods, EventOf("DELETED", "{" + Meta("a", "12") + R"(,"spec":{!}})"));
  EXPECT_EQ(gone.type, ObjectChange::Type::kDeleted);
  EXPECT_EQ(gone.object.key, (ObjectKey{"shop", "a"}));
}

TEST(ApiObjectTest, BookmarksAndErrors) {
  const auto decoded = [](const std::string& text) {
    return *DecodeWatchEvent(Resource::kPods, {text, Length::kWhole});
  };
  EXPECT_EQ(std::get<Bookmark>(decoded(BookmarkOf("99"))), (Bookmark{"99", false}));
  EXPECT_EQ(std::get<Bookmark>(decoded(
                BookmarkOf("99", R"(,"annotations":{"k8s.io/initial-events-end":"true"})"))),
            (Bookmark{"99", true}));
  EXPECT_EQ(std::get<ApiStatus>(decoded(EventOf("ERROR", StatusOf(410, "Expired", "too old")))),
            (ApiStatus{410, "Expired", "too old", false}));
}

TEST(ApiObjectTest, WhatIsNoEventIsAnError) {
  for (const char* text : {"{}", R"({"type":"ADDED"})", R"({"type":"ADDED","object":7})",
                           R"({"type":"RENAMED","object":{}})", R"({"object":{}})", "{!}",
                           R"({"type":7,"object":{}})"}) {
    EXPECT_FALSE(DecodeWatchEvent(Resource::kPods, {text, Length::kWhole}).ok()) << text;
  }
}

TEST(ApiObjectTest, AStatusSaysWhyAndAnythingElseIsQuoted) {
  EXPECT_EQ(DecodeStatus(403, StatusOf(403, "Forbidden", "pods is forbidden")).ToString(),
            "403 Forbidden: pods is forbidden");
  EXPECT_EQ(DecodeStatus(502, "<html>").ToString(), "502: <html>");
  EXPECT_EQ(DecodeStatus(500, "").ToString(), "500");
  EXPECT_TRUE(DecodeStatus(504, R"({"kind":"Status","details":{"causes":)"
                                R"([{"reason":"ResourceVersionTooLarge"}]}})")
                  .version_too_large);
}

}  // namespace
}  // namespace sluice::kube
