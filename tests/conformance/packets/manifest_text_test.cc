#include "tests/conformance/packets/manifest_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>

#include "agent/decode/object_decoder.h"
#include "tests/conformance/case_file.h"
#include "tests/conformance/test_data.h"

namespace sluice::conformance {
namespace {

// What the agent makes of the manifest, if it takes it.
std::optional<store::Object> Decoded(const std::string& manifest) {
  rapidjson::Document json;
  json.Parse(manifest.c_str());
  const auto decoded = decode::DecodeObject(json, decode::Validation::kCreate);
  const auto* object = std::get_if<decode::DecodedObject>(&decoded);
  return object == nullptr ? std::nullopt : object->object;
}

TEST(ManifestTextTest, APolicyOfEveryShapeComesBackAsItWas) {
  const store::LabelSelector selector{{{"a", store::SelectorOperator::kIn, {"b", "c"}},
                                       {"d", store::SelectorOperator::kNotIn, {"e"}},
                                       {"f", store::SelectorOperator::kExists, {}},
                                       {"g", store::SelectorOperator::kDoesNotExist, {}}}};
  const Cidr block = Cidr::Of(IpAddress::FromV4(10u << 24), 8);
  const Cidr cut = Cidr::Of(IpAddress::FromV4(10u << 24 | 1), 32);
  store::PolicyRule rule{{{store::IpBlock{block, {cut}}, std::nullopt, std::nullopt},
                          {std::nullopt, selector, std::nullopt},
                          {std::nullopt, store::LabelSelector{}, selector},
                          {std::nullopt, std::nullopt, store::LabelSelector{}}},
                         {{store::Protocol::kUdp, uint16_t{80}, uint16_t{90}},
                          {store::Protocol::kSctp, "web", std::nullopt},
                          {store::Protocol::kTcp, std::monostate(), std::nullopt}}};
  // The decoder's order.
  std::sort(rule.peers.begin(), rule.peers.end());
  std::sort(rule.ports.begin(), rule.ports.end());
  store::NetworkPolicy policy;
  policy.key = {"x", "p"};
  policy.pod_selector = selector;
  policy.ingress = {{}, rule};
  EXPECT_EQ(Decoded(ManifestText(policy)), store::Object(policy));

  policy.ingress.reset();
  policy.egress = std::vector<store::PolicyRule>();
  EXPECT_EQ(Decoded(ManifestText(policy)), store::Object(policy));
}

TEST(ManifestTextTest, APolicyWhoseNameIsRefusedTodayGetsAnother) {
  store::NetworkPolicy policy;
  policy.key = {"x", "with_underscores"};
  policy.ingress = std::vector<store::PolicyRule>();
  const auto decoded = Decoded(ManifestText(policy));
  ASSERT_TRUE(decoded);
  policy.key.name = std::get<store::NetworkPolicy>(*decoded).key.name;
  EXPECT_EQ(decoded, store::Object(policy));
}

TEST(ManifestTextTest, APodComesBackWithoutTheAddressThatTheKubeletWouldTell) {
  store::Pod pod;
  pod.key = {"x", "a"};
  pod.labels = {{"app", "web"}};
  pod.host_network = store::HostNetwork::kYes;
  pod.phase = store::PodPhase::kSucceeded;
  pod.ips = {IpAddress::FromV4(1)};
  pod.ports = {{"", store::Protocol::kTcp, 80}, {"web", store::Protocol::kUdp, 81}};
  const auto decoded = Decoded(ManifestText(pod));
  pod.ips.clear();
  EXPECT_EQ(decoded, store::Object(pod));
}

TEST(ManifestTextTest, EveryObjectOfACaseIsTakenAsAManifest) {
  const auto cases = ParseCaseFile(TestData("clients.json"));
  ASSERT_TRUE(cases.ok());
  for (store::StoreEvent& event : cases->front().steps.front().state.Events()) {
    if (auto* pod = std::get_if<store::Pod>(&*event.object)) pod->ips.clear();
    EXPECT_EQ(Decoded(ManifestText(*event.object)), event.object) << event.key.ToString();
  }
}

}  // namespace
}  // namespace sluice::conformance
