#include "cni/commands.h"

#include <gtest/gtest.h>

#include <future>

#include "cni/result_json.h"
#include "tests/fakes/temp_dir.h"
#include "tests/unit/cni/fake_agent.h"

namespace sluice::cni {
namespace {

using std::chrono::milliseconds;

const Attached kAttached{.host_ifname = "slu0123456789ab",
                         .mac = MacAddress({0x0a, 0x58, 10, 244, 0, 5}),
                         .gateways = {IpAddress::FromV4(0x0af40001)}};

// Keeps a ledger of what is allocated: a line per call.
constexpr char kIpam[] =
    "echo $CNI_COMMAND >>\"$LEDGER\"\n"
    "[ $CNI_COMMAND != ADD ] || echo '{\"cniVersion\":\"1.0.0\",\"ips\":[{\"address\":"
    "\"10.244.0.5/24\",\"gateway\":\"10.244.0.1\"}],\"routes\":[{\"dst\":\"0.0.0.0/0\"}],"
    "\"dns\":{}}'\n";

class CommandsTest : public testing::Test {
 protected:
  CommandsTest() { dir_.WriteProgram("addresses", kIpam); }

  Outcome Run(const std::string& verb) {
    environment_["CNI_COMMAND"] = verb;
    return RunCommand(
        {.environment = environment_,
         .input = "{\"cniVersion\":\"" + version_ +
                  "\",\"name\":\"net\",\"type\":\"sluice\",\"agentSocket\":\"" + Socket() +
                  "\",\"ipam\":{\"type\":\"" + ipam_ + "\"}" + more_ + "}",
         .timeouts = {
             .agent = milliseconds(300), .grace = milliseconds(0), .ipam = milliseconds(10'000)}});
  }
  static CniError ErrorOf(const Outcome& outcome) {
    EXPECT_NE(outcome.exit_status, 0);
    const Result<CniError> error = ParseError(outcome.output);
    return error.ok() ? *error : CniError{};
  }
  std::string Socket() const { return dir_ / "cni.sock"; }
  std::string Ledger() const { return dir_.Read("ledger"); }
  bool HasTombstone() const { return std::filesystem::exists(dir_ / "deleted/c1:eth0"); }

  fakes::TempDir dir_;
  std::string version_ = "1.0.0";
  std::string ipam_ = "addresses";
  std::string more_;
  Environment environment_{
      {"CNI_CONTAINERID", "c1"},
      {"CNI_NETNS", "/proc/self/ns/net"},
      {"CNI_IFNAME", "eth0"},
      {"CNI_PATH", dir_.path()},
      {"CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=u1"},
      {"LEDGER", dir_ / "ledger"}};
};

TEST_F(CommandsTest, AddPrintsWhatIpamAndAgentMade) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{.attached = kAttached})});

  const Outcome outcome = Run("ADD");

  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output,
            R"({"cniVersion":"1.0.0","interfaces":[{"name":"slu0123456789ab"},)"
            R"({"name":"eth0","mac":"0a:58:0a:f4:00:05","sandbox":"/proc/self/ns/net"}],)"
            R"("ips":[{"interface":1,"address":"10.244.0.5/32","gateway":"10.244.0.1"}],)"
            R"("routes":[{"dst":"0.0.0.0/0"}],"dns":{}})");
  EXPECT_EQ(Ledger(), "ADD\n");
  ASSERT_EQ(agent.Stop().size(), 1u);
  const Request& request = agent.Stop()[0];
  EXPECT_EQ(request.verb, Verb::kAdd);
  EXPECT_EQ(request.pod, (PodArgs{.ns = "shop", .name = "web", .uid = "u1"}));
  EXPECT_EQ(request.ips, std::vector<IpAddress>{ParseIp("10.244.0.5").value()});
  EXPECT_EQ(request.gateways, std::vector<IpAddress>{ParseIp("10.244.0.1").value()});
  EXPECT_EQ(request.deadline, milliseconds(300));
}

TEST_F(CommandsTest, AddAllocatesNothingWhileTheAgentIsDown) {
  const CniError error = ErrorOf(Run("ADD"));
  EXPECT_EQ(error.code, 11u);
  EXPECT_EQ(error.details, "connect " + Socket() + ": No such file or directory");
  EXPECT_EQ(Ledger(), "");
}

TEST_F(CommandsTest, AddGivesTheAddressesBackWhenTheAgentRefuses) {
  const std::vector<std::pair<Error, uint32_t>> cases{{Unavailable("no switch"), 11},
                                                      {Timeout("no pod"), 11},
                                                      {Invalid("another gateway"), 7},
                                                      {Refused("exists"), 100},
                                                      {Internal("oops"), 100}};
  for (const auto& [error, code] : cases) {
    std::filesystem::remove(Socket());
    std::filesystem::remove(dir_ / "ledger");
    FakeAgent agent(Socket(), {FakeAgent::Replies(error)});
    EXPECT_EQ(
        ErrorOf(Run("ADD")),
        (CniError{.code = code, .msg = "cannot attach pod shop/web", .details = error.message()}));
    EXPECT_EQ(Ledger(), "ADD\nDEL\n");
  }
}

TEST_F(CommandsTest, AddThatGetsNoAnswerTellsTheAgentToLetGo) {
  FakeAgent agent(Socket(), {FakeAgent::HangsUp(), FakeAgent::Replies(Success{})});

  EXPECT_EQ(ErrorOf(Run("ADD")).code, 11u);

  EXPECT_EQ(Ledger(), "ADD\nDEL\n");
  ASSERT_EQ(agent.Stop().size(), 2u);
  EXPECT_EQ(agent.Stop()[1].verb, Verb::kDel);
  EXPECT_FALSE(HasTombstone());
}

TEST_F(CommandsTest, AddThatLosesTheAgentLeavesATombstone) {
  FakeAgent agent(Socket(), {FakeAgent::HangsUp()});
  EXPECT_EQ(ErrorOf(Run("ADD")).code, 11u);
  EXPECT_EQ(Ledger(), "ADD\nDEL\n");
  EXPECT_TRUE(HasTombstone());
}

TEST_F(CommandsTest, AddPassesTheErrorOfIpamOnAndAsksTheAgentNothing) {
  dir_.WriteProgram("addresses",
                    "echo $CNI_COMMAND >>\"$LEDGER\"\n"
                    "echo '{\"code\":100,\"msg\":\"no IP addresses\"}'; exit 1\n");
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{.attached = kAttached})});
  EXPECT_EQ(ErrorOf(Run("ADD")), (CniError{.code = 100, .msg = "no IP addresses", .details = ""}));
  EXPECT_TRUE(agent.Stop().empty());
}

TEST_F(CommandsTest, AddNeedsThePod) {
  environment_["CNI_ARGS"] = "";
  EXPECT_EQ(ErrorOf(Run("ADD")),
            (CniError{.code = 4,
                      .msg = "Sluice needs to know the pod",
                      .details = "CNI_ARGS must have K8S_POD_NAMESPACE and K8S_POD_NAME"}));
}

TEST_F(CommandsTest, AddNeedsTheNamespaceToExist) {
  environment_["CNI_NETNS"] = "/run/netns/does-not-exist";
  EXPECT_EQ(ErrorOf(Run("ADD")).code, 3u);
  EXPECT_EQ(Ledger(), "");
}

TEST_F(CommandsTest, DelAsksTheAgentThenIpamAndPrintsNothing) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  environment_["CNI_NETNS"] = "";
  environment_["CNI_ARGS"] = "";

  const Outcome outcome = Run("DEL");

  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(Ledger(), "DEL\n");
  ASSERT_EQ(agent.Stop().size(), 1u);
  EXPECT_EQ(agent.Stop()[0].verb, Verb::kDel);
}

TEST_F(CommandsTest, DelLeavesATombstoneWhileTheAgentIsDown) {
  for (int times = 0; times < 2; ++times) {  // a repeated DEL is no error
    const Outcome outcome = Run("DEL");
    EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
    EXPECT_TRUE(HasTombstone());
  }
  EXPECT_EQ(Ledger(), "DEL\nDEL\n");
  EXPECT_EQ(std::filesystem::status(dir_ / "deleted").permissions(),
            std::filesystem::perms::owner_all);
}

TEST_F(CommandsTest, DelReportsAnAgentThatCannotDetachAndStillReleasesTheAddresses) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Unavailable("no database"))});
  EXPECT_EQ(ErrorOf(Run("DEL")).code, 11u);
  EXPECT_EQ(Ledger(), "DEL\n");
  EXPECT_FALSE(HasTombstone());
}

TEST_F(CommandsTest, DelReportsAMissingIpamPluginAfterDetaching) {
  ipam_ = "absent";
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  EXPECT_EQ(ErrorOf(Run("DEL")).code, 7u);
  EXPECT_EQ(agent.Stop().size(), 1u);
}

TEST_F(CommandsTest, DelGivesUpOnAnAgentThatDoesNotAnswer) {
  std::promise<void> given_up;
  FakeAgent agent(Socket(), {[&](const Request&) {
                    given_up.get_future().wait();
                    return std::string();
                  }});
  EXPECT_EQ(ErrorOf(Run("DEL")).code, 11u);
  EXPECT_FALSE(HasTombstone());
  given_up.set_value();
}

class CheckTest : public CommandsTest {
 protected:
  CheckTest() {
    more_ = R"(,"prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"slu1"},)"
            R"({"name":"eth0","sandbox":"/proc/self/ns/net"}],)"
            R"("ips":[{"interface":1,"address":"10.244.0.5/32"}]})";
  }
};

TEST_F(CheckTest, AsksIpamAndAgentAboutPrevResult) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  const Outcome outcome = Run("CHECK");
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(Ledger(), "CHECK\n");
  ASSERT_EQ(agent.Stop().size(), 1u);
  EXPECT_EQ(agent.Stop()[0].ips, std::vector<IpAddress>{ParseIp("10.244.0.5").value()});
}

TEST_F(CheckTest, ReportsWhatTheAgentFindsDifferent) {
  for (const Error& error : {NotFound("unknown"), Refused("differs")}) {
    std::filesystem::remove(Socket());
    FakeAgent agent(Socket(), {FakeAgent::Replies(error)});
    EXPECT_EQ(ErrorOf(Run("CHECK")), (CniError{.code = 102,
                                               .msg = "pod shop/web is not as attached",
                                               .details = error.message()}));
  }
}

TEST_F(CheckTest, NeedsPrevResultAndAVersionThatHasCheck) {
  version_ = "0.3.1";
  EXPECT_EQ(ErrorOf(Run("CHECK")).code, 1u);
  version_ = "0.4.0";
  more_ = "";
  EXPECT_EQ(ErrorOf(Run("CHECK")).code, 7u);
  more_ = R"(,"prevResult":{"ips":[{"address":"10.244.0.5/32"}]})";
  EXPECT_EQ(ErrorOf(Run("CHECK")).code, 7u);
}

class StatusTest : public CommandsTest {
 protected:
  StatusTest() {
    version_ = "1.1.0";
    environment_ = {{"CNI_PATH", dir_.path()}, {"LEDGER", dir_ / "ledger"}};
  }
};

TEST_F(StatusTest, AsksTheAgentThenIpam) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  const Outcome outcome = Run("STATUS");
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(Ledger(), "STATUS\n");
  ASSERT_EQ(agent.Stop().size(), 1u);
  EXPECT_EQ(agent.Stop()[0].verb, Verb::kStatus);
}

TEST_F(StatusTest, SaysWhetherOnlyNewPodsOrAllAreConcerned) {
  EXPECT_EQ(ErrorOf(Run("STATUS")).code, 50u);  // no agent: what is attached stays connected
  using Concerns = NotReady::Concerns;
  for (const auto& [concerns, code] :
       std::map<Concerns, uint32_t>{{Concerns::kNewPods, 50}, {Concerns::kAllPods, 51}}) {
    std::filesystem::remove(Socket());
    FakeAgent agent(
        Socket(),
        {FakeAgent::Replies(Success{.not_ready = NotReady{.concerns = concerns, .why = "why"}})});
    const CniError error = ErrorOf(Run("STATUS"));
    EXPECT_EQ(error.code, code);
    EXPECT_EQ(error.details, "why");
  }
}

TEST_F(StatusTest, PassesTheErrorOfIpamOn) {
  dir_.WriteProgram("addresses", "echo '{\"code\":50,\"msg\":\"no addresses left\"}'; exit 1\n");
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  EXPECT_EQ(ErrorOf(Run("STATUS")),
            (CniError{.code = 50, .msg = "no addresses left", .details = ""}));
}

class GcTest : public StatusTest {
 protected:
  GcTest() {
    dir_.WriteProgram("addresses",
                      "echo $CNI_COMMAND $CNI_CONTAINERID $CNI_IFNAME >>\"$LEDGER\"\n");
    more_ = R"(,"cni.dev/valid-attachments":[{"containerID":"c1","ifname":"eth0"}])";
  }
};

TEST_F(GcTest, ReleasesTheAddressesOfWhatTheAgentRemovedAndHandsOnToIpam) {
  FakeAgent agent(
      Socket(),
      {FakeAgent::Replies(
          Success{.collected = Collected{.removed = {{"c2", "eth0"}, {"c3", "a"}}, .left = ""}})});
  const Outcome outcome = Run("GC");
  EXPECT_EQ(outcome.exit_status, 0) << outcome.output;
  EXPECT_EQ(outcome.output, "");
  EXPECT_EQ(Ledger(), "DEL c2 eth0\nDEL c3 a\nGC\n");
  ASSERT_EQ(agent.Stop().size(), 1u);
  EXPECT_EQ(agent.Stop()[0].network, "net");
  EXPECT_EQ(agent.Stop()[0].valid_attachments, (std::vector<AttachmentKey>{{"c1", "eth0"}}));
}

TEST_F(GcTest, DoesWhatItCanAndReportsTheRest) {
  FakeAgent agent(
      Socket(),
      {FakeAgent::Replies(Success{
          .collected = Collected{.removed = {{"c2", "eth0"}}, .left = "c3/eth0: no database"}})});
  const CniError error = ErrorOf(Run("GC"));
  EXPECT_EQ(error.code, 100u);
  EXPECT_EQ(error.details, "c3/eth0: no database");
  EXPECT_EQ(Ledger(), "DEL c2 eth0\nGC\n");
}

TEST_F(GcTest, IsHandedOnToIpamWhileTheAgentIsDown) {
  EXPECT_EQ(ErrorOf(Run("GC")).code, 11u);
  EXPECT_EQ(Ledger(), "GC\n");
}

TEST_F(GcTest, ReachesNobodyWithoutAWholeList) {
  FakeAgent agent(Socket(), {FakeAgent::Replies(Success{})});
  more_ = R"(,"cni.dev/valid-attachments":[{"containerID":"c1"}])";
  EXPECT_EQ(ErrorOf(Run("GC")).code, 7u);
  EXPECT_EQ(Ledger(), "");
  EXPECT_TRUE(agent.Stop().empty());
}

TEST_F(CommandsTest, AnswersVersionWithoutConfiguration) {
  const Outcome outcome =
      RunCommand({.environment = {{"CNI_COMMAND", "VERSION"}}, .input = "", .timeouts = {}});
  EXPECT_EQ(outcome.exit_status, 0);
  EXPECT_EQ(outcome.output,
            R"({"cniVersion":"1.1.0","supportedVersions":["0.3.1","0.4.0","1.0.0","1.1.0"]})");
}

TEST_F(CommandsTest, AnswersBadInputWithOneErrorEach) {
  environment_["CNI_COMMAND"] = "ADD";
  const Outcome no_json = RunCommand({.environment = environment_, .input = "x", .timeouts = {}});
  EXPECT_EQ(no_json.output, R"({"cniVersion":"1.1.0","code":6,)"
                            R"("msg":"cannot decode the network configuration on stdin",)"
                            R"json("details":"not JSON: Invalid value. (at byte 0)"})json");
  version_ = "7.0.0";
  EXPECT_EQ(Run("ADD").output,
            R"({"cniVersion":"7.0.0","code":1,"msg":"incompatible cniVersion \"7.0.0\"",)"
            R"("details":"supported: 0.3.1, 0.4.0, 1.0.0, 1.1.0"})");
  EXPECT_EQ(ErrorOf(Run("UPDATE")).code, 4u);
}

}  // namespace
}  // namespace sluice::cni
