#include "agent/cni_conf/conflist.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <algorithm>

namespace sluice::cni_conf {
namespace {

const std::vector<AddressRange> kBoth = {
    {.subnet = *ParseCidr("10.244.1.0/24"), .gateway = *ParseIp("10.244.1.1")},
    {.subnet = *ParseCidr("fd00:10:244:1::/64"), .gateway = *ParseIp("fd00:10:244:1::1")}};

// JSON with ' for ".
std::string Text(std::string text) {
  std::replace(text.begin(), text.end(), '\'', '"');
  return text;
}

rapidjson::Document Json(const std::string& text) {
  rapidjson::Document json;
  json.Parse(text.data(), text.size());
  EXPECT_FALSE(json.HasParseError()) << text;
  return json;
}

std::string Filled(const std::string& template_text) {
  const auto filled = ConflistText(Text(template_text), kBoth);
  EXPECT_TRUE(filled.ok()) << filled.error().message();
  return filled.ok() ? *filled : "";
}

TEST(ConflistTest, HostLocalGetsOneRangeSetAFamily) {
  const std::string filled = Filled(
      "{'cniVersion':'1.0.0','name':'sluice','plugins':[{'type':'sluice','mtu':1400,"
      "'ipam':{'type':'host-local','dataDir':'/d'}},{'type':'portmap'}]}");
  EXPECT_EQ(Json(filled),
            Json(Text("{'cniVersion':'1.0.0','name':'sluice','plugins':[{'type':'sluice',"
                      "'mtu':1400,'ipam':{'type':'host-local','dataDir':'/d','ranges':["
                      "[{'subnet':'10.244.1.0/24','gateway':'10.244.1.1'}],"
                      "[{'subnet':'fd00:10:244:1::/64','gateway':'fd00:10:244:1::1'}]]}},"
                      "{'type':'portmap'}]}")));
}

TEST(ConflistTest, WhatTheTemplateSaysItselfStays) {
  for (const std::string ipam :
       {"{'type':'host-local','ranges':[]}", "{'type':'host-local','subnet':'10.9.0.0/24'}",
        "{'type':'dhcp'}", "{'type':7}", "'host-local'"}) {
    const std::string text = "{'plugins':[{'type':'sluice','ipam':" + ipam + "}]}";
    EXPECT_EQ(Json(Filled(text)), Json(Text(text)));
  }
}

TEST(ConflistTest, RefusesWhatIsNoListWithThePluginInIt) {
  const auto refusal = [](const std::string& text) {
    const auto filled = ConflistText(Text(text), kBoth);
    return filled.ok() ? "accepted" : filled.error().message();
  };
  EXPECT_THAT(refusal("{'plugins':[}"), testing::StartsWith("is not JSON at byte "));
  EXPECT_THAT(refusal("[]"), testing::HasSubstr("plugins is missing"));
  EXPECT_THAT(refusal("{'type':'sluice'}"), testing::HasSubstr("plugins is missing"));
  EXPECT_EQ(refusal("{'plugins':['sluice',{'type':'bridge'}]}"),
            "plugins: none of them is of type sluice");
}

}  // namespace
}  // namespace sluice::cni_conf
