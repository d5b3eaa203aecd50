#include "cni/result_json.h"

#include <gtest/gtest.h>

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

AddResult SomeResult() {
  return {.interfaces = {{.name = "slu1", .mac = "", .sandbox = ""},
                         {.name = "eth0", .mac = "0a:58:0a:f4:00:05", .sandbox = "/run/netns/a"}},
          .ips = {{.interface = 1,
                   .address = Ip("10.244.0.5"),
                   .prefix_length = 32,
                   .gateway = Ip("10.244.0.1")},
                  {.interface = 1, .address = Ip("fd00::5"), .prefix_length = 128, .gateway = {}}},
          .routes = {{.destination = Cidr::Of(Ip("0.0.0.0"), 0), .gateway = Ip("10.244.0.1")}},
          .dns = {.nameservers = {"10.96.0.10"},
                  .domain = "cluster.local",
                  .search = {"svc.cluster.local"},
                  .options = {"ndots:5"}}};
}

constexpr char kTail[] = R"("routes":[{"dst":"0.0.0.0/0","gw":"10.244.0.1"}],)"
                         R"("dns":{"nameservers":["10.96.0.10"],"domain":"cluster.local",)"
                         R"("search":["svc.cluster.local"],"options":["ndots:5"]}})";
constexpr char kInterfaces[] =
    R"("interfaces":[{"name":"slu1"},)"
    R"({"name":"eth0","mac":"0a:58:0a:f4:00:05","sandbox":"/run/netns/a"}],)";

TEST(ResultJsonTest, WritesResultsOf100WithoutTheAddressVersion) {
  EXPECT_EQ(FormatResult(SomeResult(), SpecVersion::k100),
            std::string(R"({"cniVersion":"1.0.0",)") + kInterfaces +
                R"("ips":[{"interface":1,"address":"10.244.0.5/32","gateway":"10.244.0.1"},)"
                R"({"interface":1,"address":"fd00::5/128"}],)" +
                kTail);
}

TEST(ResultJsonTest, WritesResultsOf03And04WithTheAddressVersion) {
  for (const SpecVersion version : {SpecVersion::k031, SpecVersion::k040}) {
    EXPECT_EQ(FormatResult(SomeResult(), version),
              R"({"cniVersion":")" + std::string(ToString(version)) + R"(",)" + kInterfaces +
                  R"("ips":[{"version":"4","interface":1,"address":"10.244.0.5/32",)"
                  R"("gateway":"10.244.0.1"},)"
                  R"({"version":"6","interface":1,"address":"fd00::5/128"}],)" +
                  kTail);
  }
}

TEST(ResultJsonTest, WritesTheMtuFrom110On) {
  AddResult result = SomeResult();
  for (Interface& interface : result.interfaces) interface.mtu = 1400;
  EXPECT_EQ(FormatResult(result, SpecVersion::k100), FormatResult(SomeResult(), SpecVersion::k100));
  EXPECT_EQ(
      FormatResult(result, SpecVersion::k110)
          .rfind(
              R"({"cniVersion":"1.1.0","interfaces":[{"name":"slu1","mtu":1400},)"
              R"({"name":"eth0","mac":"0a:58:0a:f4:00:05","mtu":1400,"sandbox":"/run/netns/a"}],)"
              R"("ips":[{"interface":1,)",
              0),
      0u);
}

TEST(ResultJsonTest, ReadsThatARouteHasAttributesWhichSluiceDoesNotSet) {
  for (const std::string attribute : {"mtu", "advmss", "priority", "table", "scope"}) {
    const Result<AddResult> read =
        ParseAddResult(R"({"routes":[{"dst":"10.0.0.0/8",")" + attribute + R"(":0}]})");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->routes.at(0).attribute, attribute);
  }
}

TEST(ResultJsonTest, ReadsBackWhatItWrites) {
  for (const SpecVersion version :
       {SpecVersion::k031, SpecVersion::k040, SpecVersion::k100, SpecVersion::k110}) {
    const Result<AddResult> read = ParseAddResult(FormatResult(SomeResult(), version));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, SomeResult());
  }
}

TEST(ResultJsonTest, WritesErrorsAsTheSpecificationHasThem) {
  EXPECT_EQ(
      FormatError(MakeError(CniCode::kTryAgainLater, "agent is down", "no \"socket\""), "0.4.0"),
      R"({"cniVersion":"0.4.0","code":11,"msg":"agent is down","details":"no \"socket\""})");
  EXPECT_EQ(FormatError(MakeError(CniCode::kDecodeFailure, "bad"), "1.0.0"),
            R"({"cniVersion":"1.0.0","code":6,"msg":"bad"})");
}

TEST(ResultJsonTest, AnswersVersionInTheVersionAsked) {
  EXPECT_EQ(FormatVersions(PeekVersion(R"({"cniVersion":"0.4.0"})")),
            R"({"cniVersion":"0.4.0","supportedVersions":["0.3.1","0.4.0","1.0.0","1.1.0"]})");
  EXPECT_EQ(PeekVersion(""), "1.1.0");
  EXPECT_EQ(PeekVersion(R"({"cniVersion":7})"), "1.1.0");
}

TEST(ResultJsonTest, ReadsTheErrorOfAnotherPlugin) {
  const Result<CniError> error =
      ParseError(R"({"cniVersion":"1.0.0","code":100,"msg":"full","details":"no IP"})");
  ASSERT_TRUE(error.ok());
  EXPECT_EQ(*error, (CniError{.code = 100, .msg = "full", .details = "no IP"}));
  EXPECT_FALSE(ParseError("{}").ok());
  EXPECT_FALSE(ParseError("oops").ok());
}

}  // namespace
}  // namespace sluice::cni
