#include "cni/env.h"

#include <gtest/gtest.h>

namespace sluice::cni {
namespace {

Environment Complete(const std::string& verb) {
  return {{"CNI_COMMAND", verb},
          {"CNI_CONTAINERID", "c1"},
          {"CNI_NETNS", "/run/netns/c1"},
          {"CNI_IFNAME", "eth0"},
          {"CNI_PATH", "/opt/cni/bin"},
          {"CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web;K8S_POD_UID=u1"}};
}

std::string ErrorOf(const Environment& environment) {
  const Result<Env> env = ParseEnv(environment);
  return env.ok() ? "" : env.error().message();
}

TEST(EnvTest, TakesEveryVariable) {
  const Result<Env> env = ParseEnv(Complete("ADD"));
  ASSERT_TRUE(env.ok());
  EXPECT_EQ(env->verb, Verb::kAdd);
  EXPECT_EQ(env->container_id, "c1");
  EXPECT_EQ(env->netns, "/run/netns/c1");
  EXPECT_EQ(env->ifname, "eth0");
  EXPECT_EQ(env->path, "/opt/cni/bin");
  EXPECT_EQ(env->pod, (PodArgs{.ns = "shop", .name = "web", .uid = "u1"}));
}

TEST(EnvTest, NamesEveryMissingVariableAtOnce) {
  EXPECT_EQ(ErrorOf({{"CNI_COMMAND", "ADD"}, {"CNI_IFNAME", "eth0"}}),
            "required environment variables missing: CNI_CONTAINERID, CNI_NETNS");
  EXPECT_EQ(ErrorOf({}), "required environment variables missing: CNI_COMMAND");
}

TEST(EnvTest, RequiresTheNamespaceForAddAndCheckButNotForDel) {
  for (const auto& [verb, required] :
       std::map<std::string, bool>{{"ADD", true}, {"CHECK", true}, {"DEL", false}}) {
    Environment environment = Complete(verb);
    environment["CNI_NETNS"] = "";
    EXPECT_EQ(ParseEnv(environment).ok(), !required) << verb;
  }
}

TEST(EnvTest, RequiresNothingOfAContainerForTheVerbsThatAreAboutNone) {
  EXPECT_TRUE(ParseEnv({{"CNI_COMMAND", "VERSION"}}).ok());
  EXPECT_TRUE(ParseEnv({{"CNI_COMMAND", "STATUS"}}).ok());
  EXPECT_TRUE(ParseEnv({{"CNI_COMMAND", "GC"}, {"CNI_PATH", "/opt/cni/bin"}}).ok());
  EXPECT_EQ(ErrorOf({{"CNI_COMMAND", "GC"}}), "required environment variables missing: CNI_PATH");
  // libcni clears what it does not give.
  EXPECT_TRUE(ParseEnv({{"CNI_COMMAND", "GC"},
                        {"CNI_PATH", "/opt/cni/bin"},
                        {"CNI_CONTAINERID", ""},
                        {"CNI_IFNAME", ""},
                        {"CNI_ARGS", ""}})
                  .ok());
}

TEST(EnvTest, RefusesUnknownCommands) {
  for (const std::string command : {"add", "UPDATE", "gc", "ADD ", "\xff\n"}) {
    EXPECT_EQ(ErrorOf(Complete(command)).rfind("unknown CNI_COMMAND ", 0), 0u) << command;
  }
}

TEST(EnvTest, AcceptsTheContainerIdsOfTheSpecification) {
  for (const std::string id : {"a", "0", "a.b", "a_b", "a-b", "0123456789abcdef"}) {
    EXPECT_TRUE(CheckContainerId(id).ok()) << id;
  }
  for (const std::string id : {"", ".a", "-a", "_a", "a/b", "../a", "a b", "a:b", "\xc3\xa4"}) {
    EXPECT_FALSE(CheckContainerId(id).ok()) << id;
  }
}

TEST(EnvTest, AcceptsTheInterfaceNamesOfTheKernel) {
  for (const std::string name : {"eth0", "a", "123456789012345", "eth0.100", "a-b"}) {
    EXPECT_TRUE(CheckIfname(name).ok()) << name;
  }
  const std::vector<std::string> refused{"",    ".",    "..",   "1234567890123456",    "a/b", "a:b",
                                         "a b", "a\tb", "a\nb", std::string("a\0b", 3)};
  for (const std::string& name : refused) EXPECT_FALSE(CheckIfname(name).ok()) << name;
}

TEST(EnvTest, RefusesUnknownArgumentsUnlessToldToIgnoreThem) {
  EXPECT_FALSE(ParseArgs("K8S_POD_NAME=a;COLOUR=red").ok());
  EXPECT_FALSE(ParseArgs("COLOUR=red;IgnoreUnknown=0").ok());
  for (const std::string flag : {"1", "true", "True"}) {
    EXPECT_TRUE(ParseArgs("COLOUR=red;IgnoreUnknown=" + flag).ok()) << flag;
  }
  EXPECT_FALSE(ParseArgs("IgnoreUnknown=perhaps").ok());
}

TEST(EnvTest, KnowsTheArgumentsOfKubernetes) {
  const Result<PodArgs> pod =
      ParseArgs("K8S_POD_NAMESPACE=n;K8S_POD_NAME=p=q;K8S_POD_INFRA_CONTAINER_ID=c;K8S_POD_UID=u;");
  ASSERT_TRUE(pod.ok());
  EXPECT_EQ(*pod, (PodArgs{.ns = "n", .name = "p=q", .uid = "u"}));
}

TEST(EnvTest, RefusesArgumentsThatAreNoPairs) {
  EXPECT_FALSE(ParseArgs("K8S_POD_NAME").ok());
  EXPECT_FALSE(ParseArgs("=value").ok());
  EXPECT_TRUE(ParseArgs("").ok());
}

TEST(EnvTest, QuotesHostileTextAsOneShortPrintableLine) {
  EXPECT_EQ(Quoted("a\nb\xff"), "\"a?b?\"");
  EXPECT_EQ(Quoted(std::string(1000, 'x')), '"' + std::string(100, 'x') + "...\"");
}

}  // namespace
}  // namespace sluice::cni
