#include "cni/net_conf.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cni/json.h"

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

std::string Conf(const std::string& members) {
  return R"({"cniVersion":"1.1.0","name":"net","type":"sluice")" + members + "}";
}

CniError ErrorOf(Verb verb, const std::string& text) {
  const Answer<NetConf> conf = ParseNetConf(verb, text);
  const auto* error = std::get_if<CniError>(&conf);
  return error == nullptr ? CniError{} : *error;
}

uint32_t CodeOf(const std::string& text) { return ErrorOf(Verb::kAdd, text).code; }

std::string DetailsOf(const std::string& text) { return ErrorOf(Verb::kAdd, text).details; }

TEST(NetConfTest, ReadsAWholeConfiguration) {
  const Answer<NetConf> answer = ParseNetConf(
      Verb::kCheck,
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

TEST(NetConfTest, HasDefaultsForWhatIsNotSaid) {
  const Answer<NetConf> answer = ParseNetConf(Verb::kAdd, Conf(""));
  ASSERT_TRUE(std::holds_alternative<NetConf>(answer));
  const NetConf& conf = std::get<NetConf>(answer);
  EXPECT_EQ(conf.mtu, 1500u);
  EXPECT_EQ(conf.agent_socket, "/run/sluice/cni.sock");
  EXPECT_EQ(conf.ipam_type, "");
  EXPECT_FALSE(conf.previous.has_value());
}

TEST(NetConfTest, RefusesTextThatIsNoJsonObjectWithCode6) {
  for (const std::string text : {"", "hello", "[]", "null", "{", "{\"a\":}", "\"\xff\""}) {
    EXPECT_EQ(CodeOf(text), 6u) << text;
  }
}

TEST(NetConfTest, RefusesWrongTypesWithCode6NamingTheMember) {
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":"big")")), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":-1)")), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"ipam":[])")), 6u);
  EXPECT_EQ(DetailsOf(Conf(R"(,"ipam":{"type":5})")), "ipam.type: must be a string");
  EXPECT_EQ(DetailsOf(Conf(R"(,"dns":{"search":[1]})")),
            "dns: dns.search: must be a list of strings");
}

TEST(NetConfTest, RefusesOtherVersionsWithCode1BeforeAnythingElse) {
  EXPECT_EQ(CodeOf(R"({"cniVersion":"0.2.0","name":"n","type":"t"})"), 1u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"99.0.0","name":7})"), 1u);
  EXPECT_EQ(CodeOf(R"({"name":"n","type":"t"})"), 1u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":1,"name":"n","type":"t"})"), 6u);
}

TEST(NetConfTest, RefusesImpossibleValuesWithCode7) {
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","type":"t"})"), 7u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","name":"../n","type":"t"})"), 7u);
  EXPECT_EQ(CodeOf(R"({"cniVersion":"1.0.0","name":"n"})"), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":67)")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":65536)")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"agentSocket":"cni.sock")")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"mtu":68)")), 0u);
}

TEST(NetConfTest, SurvivesDeepNesting) {
  const std::string deep(500'000, '[');
  EXPECT_EQ(CodeOf(deep), 6u);
  EXPECT_EQ(CodeOf(Conf(R"(,"x":)" + deep + std::string(500'000, ']'))), 0u);
}

TEST(NetConfTest, RefusesAVersionThatIsTooOldForTheVerb) {
  const auto code = [](Verb verb, const std::string& version) {
    return ErrorOf(verb, R"({"cniVersion":")" + version + R"(","name":"n","type":"t",)" +
                             R"("prevResult":{},"cni.dev/valid-attachments":[]})")
        .code;
  };
  EXPECT_EQ(code(Verb::kCheck, "0.3.1"), 1u);
  EXPECT_EQ(code(Verb::kCheck, "0.4.0"), 0u);
  for (const Verb verb : {Verb::kStatus, Verb::kGc}) {
    EXPECT_EQ(code(verb, "1.0.0"), 1u);
    EXPECT_EQ(code(verb, "1.1.0"), 0u);
  }
  EXPECT_EQ(ErrorOf(Verb::kGc, R"({"cniVersion":"1.0.0"})").msg, "cniVersion 1.0.0 has no GC");
}

TEST(NetConfTest, RefusesCapabilitiesItCannotServeNamingKeyAndValue) {
  const std::string ports = R"([{"hostPort":8080,"containerPort":80,"protocol":"tcp"}])";
  const CniError error =
      ErrorOf(Verb::kAdd, Conf(R"(,"runtimeConfig":{"portMappings":)" + ports + "}"));
  EXPECT_EQ(error.code, 2u);
  EXPECT_EQ(error.msg, "unsupported field runtimeConfig.portMappings: " + ports);
  EXPECT_EQ(CodeOf(Conf(R"(,"runtimeConfig":{"bandwidth":{"ingressRate":1000}})")), 2u);
  EXPECT_EQ(CodeOf(Conf(R"(,"runtimeConfig":{"mac":"02:00:00:00:00:01"})")), 2u);
  EXPECT_EQ(CodeOf(Conf(R"(,"runtimeConfig":7)")), 6u);
}

TEST(NetConfTest, LeavesToIpamWhatIsIpamsAndTakesNothingForNothing) {
  for (const std::string capability :
       {R"("ipRanges":[[{"subnet":"10.1.0.0/24"}]])", R"("ips":["10.1.0.5"])",
        R"("cgroupPath":"/a")", R"("portMappings":[])", R"("portMappings":null)",
        R"("bandwidth":{"ingressRate":0,"egressRate":0})", R"("mac":"")", R"("dns":{})"}) {
    EXPECT_EQ(CodeOf(Conf(R"(,"runtimeConfig":{)" + capability + "}")), 0u) << capability;
  }
}

TEST(NetConfTest, ComesFirstInAChain) {
  EXPECT_EQ(DetailsOf(Conf(R"(,"prevResult":{"ips":[]})")).rfind("prevResult: ", 0), 0u);
  EXPECT_EQ(CodeOf(Conf(R"(,"prevResult":{"ips":[]})")), 7u);
  EXPECT_EQ(CodeOf(Conf(R"(,"prevResult":null)")), 0u);
}

TEST(NetConfTest, ReadsPrevResultForCheckAlone) {
  const auto check = [](const std::string& previous) {
    return ErrorOf(Verb::kCheck, Conf(R"(,"prevResult":)" + previous));
  };
  EXPECT_EQ(check(R"({"ips":[{"address":"10.0.0.1"}]})").details,
            "prevResult.ips: [0].address: no prefix length in \"10.0.0.1\" "
            "(expected address/length)");
  EXPECT_EQ(check(R"({"ips":[{"address":"10.0.0.1/8","interface":3}]})").code, 6u);
  EXPECT_EQ(check("[]").code, 6u);
  EXPECT_EQ(check("null").code, 7u);
  EXPECT_EQ(ErrorOf(Verb::kCheck, Conf("")).code, 7u);
  // DEL is to go through whatever is missing or broken.
  EXPECT_EQ(ErrorOf(Verb::kDel, Conf(R"(,"prevResult":{"ips":7},"runtimeConfig":{"mac":"x"})")),
            CniError{});
}

TEST(NetConfTest, ReadsTheValidAttachmentsOfGc) {
  const auto read = [](const std::string& list) {
    const Answer<NetConf> conf =
        ParseNetConf(Verb::kGc, Conf(R"(,"cni.dev/valid-attachments":)" + list));
    const auto* good = std::get_if<NetConf>(&conf);
    return good == nullptr ? std::nullopt : std::optional(good->valid_attachments);
  };
  using Keys = std::vector<AttachmentKey>;
  EXPECT_EQ(read(R"([{"containerID":"c1","ifname":"eth0"},{"containerID":"c2","ifname":"a"}])"),
            (Keys{{"c1", "eth0"}, {"c2", "a"}}));
  EXPECT_EQ(read("[]"), Keys{});
  EXPECT_EQ(read("null"), Keys{});  // as libcni writes an empty list
}

// Whatever it does not list is removed, so that nothing may be read into a list that is not whole.
TEST(NetConfTest, RefusesAGcWhoseListIsNotWhole) {
  const auto code = [](const std::string& members) {
    return ErrorOf(Verb::kGc, Conf(members)).code;
  };
  EXPECT_EQ(code(""), 7u);
  EXPECT_EQ(code(R"(,"cni.dev/attachments":[])"), 7u);
  const std::string key = R"(,"cni.dev/valid-attachments":)";
  for (const std::string list : {"{}", "7", R"(["c1"])", R"([null])",
                                 R"([{"containerID":"c1","ifname":"eth0"},{"containerID":7}])"}) {
    EXPECT_EQ(code(key + list), 6u) << list;
  }
  for (const std::string list :
       {R"([{"containerID":"c1"}])", R"([{"ifname":"eth0"}])", R"([{}])",
        R"([{"containerID":"../c1","ifname":"eth0"}])",
        R"([{"containerID":"c1","ifname":"eth0"},{"containerID":"c2","ifname":"a/b"}])"}) {
    EXPECT_EQ(code(key + list), 7u) << list;
  }
  const std::string whole = Conf(key + R"([{"containerID":"c1","ifname":"eth0"}])");
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_EQ(ErrorOf(Verb::kGc, whole.substr(0, length)).code, 6u) << length;
  }
}

TEST(NetConfTest, AcceptsTheShippedConfiguration) {
  std::stringstream text;
  text << std::ifstream(SLUICE_CONFLIST).rdbuf();
  const Result<rapidjson::Document> list = ParseJsonObject(text.str());
  ASSERT_TRUE(list.ok());
  ObjectReader reader(*list, "");
  ASSERT_FALSE(reader.Objects("plugins").empty());
  // What a runtime makes of a list: name and version go into each plugin's configuration.
  ObjectReader plugin(*reader.Objects("plugins").front(), "");
  ASSERT_NE(plugin.Object("ipam"), nullptr);
  ObjectReader ipam(*plugin.Object("ipam"), "");
  const Answer<NetConf> conf = ParseNetConf(
      Verb::kAdd, R"({"cniVersion":")" + reader.String("cniVersion") + R"(","name":")" +
                      reader.String("name") + R"(","type":")" + plugin.String("type") +
                      R"(","agentSocket":")" + plugin.String("agentSocket") +
                      R"(","ipam":{"type":")" + ipam.String("type") + "\"}}");
  ASSERT_TRUE(std::holds_alternative<NetConf>(conf));
  EXPECT_EQ(std::get<NetConf>(conf).type, "sluice");
  EXPECT_EQ(std::get<NetConf>(conf).ipam_type, "host-local");
}

}  // namespace
}  // namespace sluice::cni
