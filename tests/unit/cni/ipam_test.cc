#include "cni/ipam.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.h"

namespace sluice::cni {
namespace {

class IpamTest : public testing::Test {
 protected:
  Answer<AddResult> Add(const std::string& script) {
    dir_.WriteProgram("addresses", script);
    return IpamAdd(Call("addresses"));
  }
  IpamCall Call(const std::string& type) {
    return {.type = type,
            .environment = environment_,
            .configuration = "{}",
            .timeout = std::chrono::milliseconds(10'000)};
  }
  static CniError ErrorOf(const Answer<AddResult>& answer) {
    const auto* error = std::get_if<CniError>(&answer);
    return error == nullptr ? CniError{} : *error;
  }

  fakes::TempDir dir_;
  Environment environment_{{"CNI_COMMAND", "CHECK"}, {"CNI_PATH", "/nowhere:" + dir_.path()}};
};

TEST_F(IpamTest, RunsThePluginOfCniPathWithItsVerb) {
  const Answer<AddResult> answer =
      Add("[ $CNI_COMMAND = ADD ] && echo '{\"ips\":[{\"address\":\"10.0.0.2/24\"}]}'\n");
  ASSERT_TRUE(std::holds_alternative<AddResult>(answer)) << ErrorOf(answer).details;
  EXPECT_EQ(std::get<AddResult>(answer).ips.at(0).address, ParseIp("10.0.0.2").value());
}

TEST_F(IpamTest, PassesThePluginsErrorOn) {
  EXPECT_EQ(ErrorOf(Add("echo '{\"code\":100,\"msg\":\"full\",\"details\":\"d\"}'; exit 1\n")),
            (CniError{.code = 100, .msg = "full", .details = "d"}));
}

TEST_F(IpamTest, TellsOfAPluginThatFailsWithoutAnError) {
  EXPECT_EQ(ErrorOf(Add("echo panic; exit 2\n")),
            (CniError{.code = 101,
                      .msg = "IPAM plugin \"addresses\" failed on ADD",
                      .details = "exit status 2 and no CNI error"}));
}

TEST_F(IpamTest, RefusesAResultThatIsNone) {
  EXPECT_EQ(ErrorOf(Add("echo nonsense\n")).code, 101u);
  EXPECT_EQ(ErrorOf(Add("echo '{\"ips\":[]}'\n")).details, "no address");
}

TEST_F(IpamTest, RefusesTypesThatAreNoPluginWithCode7) {
  dir_.WriteProgram("x", "echo '{\"ips\":[{\"address\":\"10.0.0.2/24\"}]}'\n");
  for (const std::string type : {"", "absent", "../x", ".", "./x"}) {
    EXPECT_EQ(ErrorOf(IpamAdd(Call(type))).code, 7u) << type;
  }
  environment_.erase("CNI_PATH");
  EXPECT_EQ(ErrorOf(IpamAdd(Call("x"))).code, 7u);
}

TEST_F(IpamTest, RunsDelAndCheck) {
  dir_.WriteProgram("addresses", "[ $CNI_COMMAND = DEL ]\n");
  EXPECT_EQ(IpamRun(Call("addresses"), Verb::kDel), std::nullopt);
  EXPECT_NE(IpamRun(Call("addresses"), Verb::kCheck), std::nullopt);
}

}  // namespace
}  // namespace sluice::cni
