#include "cni/types.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cni/json.h"

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

std::string Conf(const std::string& members) {
  return R"({"cniVersion":"1.0.0","name":"net","type":"sluice")" + members + "}";
}

uint32_t CodeOf(const std::string& text) {
  const Answer<NetConf> conf = ParseNetConf(text);
  const auto* error = std::get_if<CniError>(&conf);
  return error == nullptr ? 0 : error->code;
}

std::string DetailsOf(const std::string& text) {
  const Answer<NetConf> conf = ParseNetConf(text);
  const auto* error = std::get_if<CniError>(&conf);
  return error == nullptr ? "" : error->details;
}

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

TEST(TypesTest, WritesResultsOf100WithoutTheAddressVersion) {
  EXPECT_EQ(FormatResult(SomeResult(), SpecVersion::k100),
            std::string(R"({"cniVersion":"1.0.0",)") + kInterfaces +
                R"("ips":[{"interface":1,"address":"10.244.0.5/32","gateway":"10.244.0.1"},)"
                R"({"interface":1,"address":"fd00::5/128"}],)" +
                kTail);
}

TEST(TypesTest, WritesResultsOf03And04WithTheAddressVersion) {
  for (const SpecVersion version : {SpecVersion::k031, SpecVersion::k040}) {
    EXPECT_EQ(FormatResult(SomeResult(), version),
              R"({"cniVersion":")" + std::string(ToString(version)) + R"(",)" + kInterfaces +
                  R"("ips":[{"version":"4","interface":1,"address":"10.244.0.5/32",)"
                  R"("gateway":"10.244.0.1"},)"
                  R"({"version":"6","interface":1,"address":"fd00::5/128"}],)" +
                  kTail);
  }
}

TEST(TypesTest, ReadsBackWhatItWrites) {
  for (const SpecVersion version : {SpecVersion::k031, SpecVersion::k040, SpecVersion::k100}) {
    const Result<AddResult> read = ParseAddResult(FormatResult(SomeResult(), version));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, SomeResult());
  }
}

TEST(TypesTest, WritesErrorsAsTheSpecificationHasThem) {
  EXPECT_EQ(
      FormatError(MakeError(CniCode::kTryAgainLater, "agent is down", "no \"socket\""), "0.4.0"),
      R"({"cniVersion":"0.4.0","code":11,"msg":"agent is down","details":"no \"socket\""})");
  EXPECT_EQ(FormatError(MakeError(CniCode::kDecodeFailure, "bad"), "1.0.0"),
            R"({"cniVersion":"1.0.0","code":6,"msg":"bad"})");
}

TEST(TypesTest, AnswersVersionInTheVersionAsked) {
  EXPECT_EQ(FormatVersions(PeekVersion(R"({"cniVersion":"0.4.0"})")),
            R"({"cniVersion":"0.4.0","supportedVersions":["0.3.1","0.4.0","1.0.0"]})");
  EXPECT_EQ(PeekVersion(""), "1.0.0");
  EXPECT_EQ(PeekVersion(R"({"cniVersion":7})"), "1.0.0");
}

TEST(TypesTest, ReadsAWholeConfiguration) {
  const Answer<NetConf> answer = ParseNetConf(
      R"({"cniVersion":"0.4.0","name":"net","type":"sluice","mtu":1400,"agentSocket":"/a/b.sock",
          "ipam":{"type":"host-local","ranges":[[{"subnet":"10.0.0.0/24"}]]},
          "dns":{"nameservers":["1.1.1.1"]},"capabilities":{"portMappings":true},
          "runtimeConfig":{"x":[1]},"somethingElse":null,
          "prevResult":{"cniVersion":"0.4.0","interfaces":[{"name":"eth0","sandbox":"/n"}],
            "ips":[{"version":"4","interface":0,"address":"10.0.0.2/24"}]}})");
  ASSERT_TRUE(std::holds_alternative<NetConf>(answer));
  const NetConf& conf = std::get<NetConf>(answer);
  EXPECT_EQ(conf.version, SpecVersion::k040);
  EXPECT_EQ(conf.name, "net");
  EXPECT_EQ(conf.mtu, 1400u);
  EXPECT_EQ(conf.agent_socket, "/a/b.sock");
  EXPECT_EQ(conf.ipam_type, "host-local");
  EXPECT_EQ(conf.dns.nameservers, std::vector<std::string>{"1.1.1.1"});
  ASSERT_TRUE(conf.previous.has_value());
  EXPECT_EQ(conf.previous->ips.at(0).address, Ip("10.0.0.2"));
}

TEST(TypesTest, HasDefaultsForWhatIsNotSaid) {
  const Answer<NetConf> answer = ParseNetConf(Conf(""));
  ASSERT_TRUE(std::holds_alternative<NetConf>(answer));
  const NetConf& conf = std::get<NetConf>(answer);
  EXPECT_EQ(conf.mtu, 1500u);
  EXPECT_EQ(conf.agent_socket, "/run/sluice/cni.sock");
  EXPECT_EQ(conf.ipam_type, "");
  EXPECT_FALSE(conf.previous.has_value());
}

TEST(TypesTest, RefusesTextThatIsNoJsonObjectWithCode6) {
  for (const std::string text : {"", "hello", "[]", "null", "{", "{\"a\":}", "\"\xff\""}) {
    EXPECT_EQ(CodeOf(text), 6u) << text;
  }
}

TEST(TypesTest, RefusesWrongTypesWithCode6NamingTheMember) {
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":"big")")), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":-1)")), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"ipam":[])")), 6u);
  EXPECT_EQ(DetailsOf(Conf(R"(,"ipam":{"type":5})")), "ipam.type: must be a string");
  EXPECT_EQ(DetailsOf(Conf(R"(,"dns":{"search":[1]})")),
            "dns: dns.search: must be a list of strings");
  EXPECT_EQ(DetailsOf(Conf(R"(,"prevResult":{"ips":[{"address":"10.0.0.1"}]})")),
            "prevResult.ips: [0].address: no prefix length in \"10.0.0.1\" "
            "(expected address/length)");
  EXPECT_EQ(CodeOf(Conf(R"(,"prevResult":{"ips":[{"address":"10.0.0.1/8","interface":3}]})")), 6u);
}

TEST(TypesTest, RefusesOtherVersionsWithCode1BeforeAnythingElse) {
  EXPECT_EQ(CodeOf(R"({"cniVersion":"0.2.0","name":"n","type":"t"})"), 1u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"99.0.0","name":7})"), 1u);
  EXPECT_EQ(CodeOf(R"({"name":"n","type":"t"})"), 1u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":1,"name":"n","type":"t"})"), 6u);
}

TEST(TypesTest, RefusesImpossibleValuesWithCode7) {
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","type":"t"})"), 7u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","name":"../n","type":"t"})"), 7u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","name":"n"})"), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":67)")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":65536)")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"agentSocket":"cni.sock")")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":68)")), 0u);
}

TEST(TypesTest, SurvivesDeepNesting) {
  const std::string deep(500'000, '[');
  EXPECT_EQ(CodeOf(deep), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"x":)" + deep + std::string(500'000, ']'))), 0u);
}

TEST(TypesTest, ReadsTheErrorOfAnotherPlugin) {
  const Result<CniError> error =
      ParseError(R"({"cniVersion":"1.0.0","code":100,"msg":"full","details":"no IP"})");
  ASSERT_TRUE(error.ok());
  EXPECT_EQ(*error, (CniError{.code = 100, .msg = "full", .details = "no IP"}));
  EXPECT_FALSE(ParseError("{}").ok());
  EXPECT_FALSE(ParseError("oops").ok());
}

TEST(TypesTest, AcceptsTheShippedConfiguration) {
  std::stringstream text;
  text << std::ifstream(SLUICE_CONFLIST).rdbuf();
  const Result<rapidjson::Document> list = ParseJsonObject(text.str());
  ASSERT_TRUE(list.ok());
  ObjectReader reader(*list, "");
  ASSERT_EQ(reader.Objects("plugins").size(), 1u);
  // What a runtime makes of a list: name and version go into each plugin's configuration.
  ObjectReader plugin(*reader.Objects("plugins").front(), "");
  ASSERT_NE(plugin.Object("ipam"), nullptr);
  ObjectReader ipam(*plugin.Object("ipam"), "");
  const Answer<NetConf> conf = ParseNetConf(
      R"({"cniVersion":")" + reader.String("cniVersion") + R"(","name":")" + reader.String("name") +
      R"(","type":")" + plugin.String("type") + R"(","agentSocket":")" +
      plugin.String("agentSocket") + R"(","ipam":{"type":")" + ipam.String("type") + "\"}}");
  ASSERT_TRUE(std::holds_alternative<NetConf>(conf));
  EXPECT_EQ(std::get<NetConf>(conf).type, "sluice");
  EXPECT_EQ(std::get<NetConf>(conf).ipam_type, "host-local");
}

}  // namespace
}  // namespace sluice::cni
