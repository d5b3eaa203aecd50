#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

using store::ContainerPort;
using store::HostNetwork;
using store::Pod;
using store::PodPhase;
using store::Protocol;
using testing::ElementsAre;
using testing::StartsWith;

std::string PodWith(const std::string& spec, const std::string& status = "null") {
  return "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a'},'spec':" + spec +
         ",'status':" + status + "}";
}
std::string PodWithStatus(const std::string& status) {
  return PodWith("{'containers':[{}]}", status);
}
std::string PodWithPort(const std::string& port) {
  return PodWith("{'containers':[{'ports':[" + port + "]}]}");
}
std::vector<std::string> Texts(const std::vector<IpAddress>& ips) {
  std::vector<std::string> texts;
  for (const IpAddress& ip : ips) texts.push_back(ip.ToString());
  return texts;
}

TEST(PodDecoderTest, AManifestPodIsPendingAndHasNoAddress) {
  const auto pod = Decoded<Pod>(
      "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a','labels':{'app':'web'}},"
      "'spec':{'containers':[{'name':'c','image':'i'}]}}");

  Pod expected;
  expected.key = {"default", "a"};
  expected.labels = {{"app", "web"}};
  EXPECT_EQ(pod, expected);
}

TEST(PodDecoderTest, ReadsEverythingOfAScheduledPod) {
  const auto pod = Decoded<Pod>(
      "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a','namespace':'x','uid':'u-1'},"
      "'spec':{'nodeName':'n1','hostNetwork':true,'containers':[{}]},"
      "'status':{'phase':'Running','podIP':'10.0.0.5',"
      "'podIPs':[{'ip':'10.0.0.5'},{'ip':'2001:db8::5'}]}}");

  EXPECT_EQ(pod.key, (store::ObjectKey{"x", "a"}));
  EXPECT_EQ(pod.uid, "u-1");
  EXPECT_EQ(pod.node, "n1");
  EXPECT_EQ(pod.host_network, HostNetwork::kYes);
  EXPECT_EQ(pod.phase, PodPhase::kRunning);
  EXPECT_THAT(Texts(pod.ips), ElementsAre("10.0.0.5", "2001:db8::5"));
}

// CNI is told the uid that the kubelet made of the manifest, not the mirror object's.
TEST(PodDecoderTest, AStaticPodHasTheUidOfTheKubelet) {
  const auto pod = Decoded<Pod>(
      "{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a-n1','uid':'u-1','annotations':"
      "{'kubernetes.io/config.hash':'h-1','kubernetes.io/config.mirror':'h-1'}},"
      "'spec':{'containers':[{}]}}");
  EXPECT_EQ(pod.uid, "h-1");
}

// netpol rule 34.
TEST(PodDecoderTest, PortsAreThoseOfContainersAndSidecars) {
  const auto pod = Decoded<Pod>(
      PodWith("{'containers':[{'ports':[{'name':'http','containerPort':80},"
              "{'containerPort':53,'protocol':'UDP','hostPort':5353}]}],"
              "'initContainers':[{'ports':[{'name':'once','containerPort':1}]},"
              "{'restartPolicy':'Always','ports':[{'name':'proxy','containerPort':15001}]}]}"));

  EXPECT_THAT(pod.ports, ElementsAre(ContainerPort{"http", Protocol::kTcp, 80},
                                     ContainerPort{"", Protocol::kUdp, 53},
                                     ContainerPort{"proxy", Protocol::kTcp, 15001}));
}

TEST(PodDecoderTest, ReadsEveryPhase) {
  const auto phase = [](const char* text) {
    return Decoded<Pod>(PodWithStatus("{'phase':'" + std::string(text) + "'}")).phase;
  };
  EXPECT_EQ(phase("Pending"), PodPhase::kPending);
  EXPECT_EQ(phase("Running"), PodPhase::kRunning);
  EXPECT_EQ(phase("Succeeded"), PodPhase::kSucceeded);
  EXPECT_EQ(phase("Failed"), PodPhase::kFailed);
  EXPECT_EQ(phase("Unknown"), PodPhase::kUnknown);
  EXPECT_EQ(Decoded<Pod>(PodWithStatus("{}")).phase, PodPhase::kPending);
}

TEST(PodDecoderTest, RefusesWhatTheApiserverRefuses) {
  EXPECT_EQ(Refusal(PodWith("null")), "spec.containers: at least one container is required");
  EXPECT_EQ(Refusal(PodWith("{'containers':{}}")),
            "spec.containers: a list was expected, an object found");
  EXPECT_EQ(Refusal(PodWith("{'containers':[7]}")),
            "spec.containers[0]: an object was expected, the number 7 found");
  EXPECT_EQ(Refusal(PodWith("{'hostNetwork':'true','containers':[{}]}")),
            "spec.hostNetwork: true or false was expected, the string \"true\" found");
  EXPECT_EQ(Refusal(PodWithPort("{}")), "spec.containers[0].ports[0].containerPort: is missing");
  EXPECT_EQ(Refusal(PodWithPort("{'containerPort':65536}")),
            "spec.containers[0].ports[0].containerPort: 65536 is not in 1..65535");
  EXPECT_EQ(Refusal(PodWithPort("{'containerPort':80,'protocol':'tcp'}")),
            "spec.containers[0].ports[0].protocol: \"tcp\" is not one of TCP, UDP, SCTP");
  EXPECT_THAT(Refusal(PodWithPort("{'containerPort':80,'name':'80'}")),
              StartsWith("spec.containers[0].ports[0].name: port name \"80\" has no letter"));
  EXPECT_EQ(Refusal(PodWithPort("{'containerPort':80,'name':'a'},{'containerPort':81,'name':'a'}")),
            "spec.containers[0].ports[1].name: a second port of the container is named \"a\"");
  EXPECT_EQ(Refusal(PodWithStatus("{'phase':'Done'}")),
            "status.phase: \"Done\" is not one of Pending, Running, Succeeded, Failed, Unknown");
  EXPECT_EQ(Refusal(PodWithStatus("{'podIPs':[{'ip':'10.0.0'}]}")),
            "status.podIPs[0].ip: \"10.0.0\" is not an IP address");
}

TEST(PodDecoderTest, AStoredPodLosesOnlyWhatMakesNoSense) {
  const auto pod =
      Decoded<Pod>(PodWith("{'containers':[{'ports':[{'containerPort':0},{'containerPort':80}]}]}",
                           "{'phase':'Resting','podIPs':[{'ip':'x'},{'ip':'::ffff:10.0.0.9'}]}"),
                   Validation::kStored);

  EXPECT_EQ(pod.phase, PodPhase::kUnknown);
  EXPECT_THAT(Texts(pod.ips), ElementsAre("10.0.0.9"));
  EXPECT_THAT(pod.ports, ElementsAre(ContainerPort{"", Protocol::kTcp, 80}));
}

}  // namespace
}  // namespace sluice::decode
