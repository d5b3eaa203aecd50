// Ports, port names and protocols.
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

class Ports : public HardCase {
 protected:
  using HardCase::HardCase;
  // x/a and x/c are open on these ports only.
  void Serve(const std::string& ports) {
    Given(Policy("x/in",
                 "{podSelector: {matchExpressions: [{key: pod, operator: In, values: [a, "
                 "c]}]}, ingress: [{ports: " +
                     ports + "}]}"));
  }
  void Declare(const std::string& pod, const std::string& ports) {
    Given(Pod({.key = pod, .labels = "{pod: " + KeyOf(pod).name + "}", .ports = ports}));
  }
};

constexpr char kHttpOn8080[] = "[{name: http, containerPort: 8080}]";
constexpr char kHttpOn9090[] = "[{name: http, containerPort: 9090}]";

TEST_F(Ports, HardCase29AProtocolWithoutAPortIsEveryPortOfIt) {
  Serve("[{protocol: TCP}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/1"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/65535"));
  EXPECT_TRUE(Denied("x/b -> x/a UDP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a SCTP/80"));
  Serve("[{protocol: TCP}, {protocol: TCP, port: 80}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/81")) << "beside a numbered one as well";
}

TEST_F(Ports, HardCase30AnEmptyPortItemIsAllOfTcpOnly) {
  Serve("[{}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/65535"));
  EXPECT_TRUE(Denied("x/b -> x/a UDP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a 47"));
}

TEST_F(Ports, HardCase31AnEmptyItemBesideOthersIsAUnion) {
  Serve("[{}, {protocol: UDP, port: 53}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/7777"));
  EXPECT_TRUE(Allowed("x/b -> x/a UDP/53"));
  EXPECT_TRUE(Denied("x/b -> x/a UDP/54"));
  Serve("[{}, {port: 80}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/7777"));
}

TEST_F(Ports, HardCase32EndPortIncludesBothEnds) {
  Serve("[{port: 32000, endPort: 32768}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/31999"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/32000"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/32767"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/32768"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/32769"));
  EXPECT_TRUE(Denied("x/b -> x/a UDP/32000"));
}

TEST_F(Ports, HardCase33RangesOfOnePortToTheLastPortAndOverlapping) {
  Serve("[{port: 80, endPort: 80}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/79"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/81"));
  Serve("[{port: 65533, endPort: 65535}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/65532"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/65535"));
  Serve("[{port: 1, endPort: 65535}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/1"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/65535"));
  Serve("[{port: 100, endPort: 300}, {port: 200, endPort: 400}, {port: 401, endPort: 500}]");
  for (const std::string port : {"100", "199", "250", "300", "301", "400", "401", "500"}) {
    EXPECT_TRUE(Allowed("x/b -> x/a TCP/" + port));
  }
  EXPECT_TRUE(Denied("x/b -> x/a TCP/99"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/501"));
}

TEST_F(Ports, HardCase34APortNameThatNobodyDefinesAllowsNothing) {
  Serve("[{port: http}]");
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/8080"));
  Declare("x/c", kHttpOn8080);
  EXPECT_TRUE(Allowed("x/b -> x/c TCP/8080"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/8080")) << "another pod's declaration";
  Declare("x/c", "[]");
  EXPECT_TRUE(Denied("x/b -> x/c TCP/8080"));
}

TEST_F(Ports, HardCase35OneNameIsAnotherNumberOnAnotherPod) {
  Declare("x/a", kHttpOn8080);
  Declare("x/c", kHttpOn9090);
  Serve("[{port: http}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/8080"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/9090"));
  EXPECT_TRUE(Allowed("x/b -> x/c TCP/9090"));
  EXPECT_TRUE(Denied("x/b -> x/c TCP/8080"));
}

TEST_F(Ports, HardCase36AnIngressNameIsResolvedOnTheSubject) {
  Declare("x/a", kHttpOn8080);
  Declare("w/a", kHttpOn9090);
  Serve("[{port: http}]");
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/8080"));
  EXPECT_TRUE(Denied("w/a -> x/a TCP/9090"));
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: {cidr: "
               "192.0.2.0/24}}], ports: [{port: http}]}]}"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/8080")) << "whoever the peer is";
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/9090"));
  EXPECT_TRUE(Denied("192.0.3.1 -> x/a TCP/8080"));
}

TEST_F(Ports, HardCase37AnEgressNameIsEachDestinationsOwn) {
  Declare("w/a", kHttpOn8080);
  Declare("w/b", "[{name: other, containerPort: 8080}]");
  Given(Pod({.key = "w/far",
             .labels = "{pod: far}",
             .ports = kHttpOn9090,
             .spec = ", nodeName: elsewhere",
             .status = "{phase: Running, podIPs: [{ip: 10.0.9.1}]}"}));
  Given(Policy("x/out",
               "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: "
               "[{ports: [{port: http}]}]}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/8080"));
  EXPECT_TRUE(Denied("x/a -> w/a TCP/9090"));
  EXPECT_TRUE(Allowed("x/a -> w/far TCP/9090")) << "on whatever node";
  EXPECT_TRUE(Denied("x/a -> w/far TCP/8080"));
  EXPECT_TRUE(Denied("x/a -> w/b TCP/8080")) << "by another name";
  EXPECT_TRUE(Denied("x/a -> 192.0.2.1 TCP/8080")) << "no pod, no name";
  Given(Policy("x/out",
               "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: "
               "[{to: [{ipBlock: {cidr: 10.0.2.0/24}}], ports: [{port: http}]}]}"));
  EXPECT_TRUE(Allowed("x/a -> w/a TCP/8080"));
  EXPECT_TRUE(Denied("x/a -> w/far TCP/9090")) << "outside of the block";
  EXPECT_TRUE(Denied("x/a -> 10.0.2.99 TCP/8080"));
}

TEST_F(Ports, HardCase38ANameOfAnotherProtocolMatchesNothing) {
  Declare("x/a", "[{name: dns, containerPort: 53, protocol: UDP}]");
  Declare("x/c", "[{name: dns, containerPort: 53}]");  // TCP, the same number
  Serve("[{port: dns, protocol: TCP}]");
  EXPECT_TRUE(Denied("x/b -> x/a UDP/53"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/53"));
  EXPECT_TRUE(Allowed("x/b -> x/c TCP/53"));
  Serve("[{port: dns, protocol: UDP}]");
  EXPECT_TRUE(Allowed("x/b -> x/a UDP/53"));
  EXPECT_TRUE(Denied("x/b -> x/c UDP/53"));
}

TEST_F(Ports, HardCase39ASidecarsPortsCountAndAPlainInitContainersDoNot) {
  Given(Pod({.key = "x/a",
             .labels = "{pod: a}",
             .spec = ", initContainers: ["
                     "{name: s, image: i, restartPolicy: Always, ports: [{name: http, "
                     "containerPort: 8080}]},"
                     "{name: t, image: i, ports: [{name: setup, containerPort: 7070}]}]"}));
  Serve("[{port: http}, {port: setup}]");
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/8080"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/7070"));
}

TEST_F(Ports, HardCase40AnSctpRuleIsolatesAndIsNoTcpRule) {
  Serve("[{protocol: SCTP, port: 80}]");
  EXPECT_TRUE(Allowed("x/b -> x/a SCTP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a SCTP/81"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a UDP/80"));
  Serve("[{protocol: TCP, port: 80}]");
  EXPECT_TRUE(Denied("x/b -> x/a SCTP/80"));
}

// On the userspace datapath, whose conntrack keeps no ports of SCTP.
class PortsOfUserspaceSctp : public Ports {
 protected:
  PortsOfUserspaceSctp() : Ports(SctpPorts::kFromHeader) {}
};

TEST_F(PortsOfUserspaceSctp, HardCase40AnSctpRuleOpensItsPortAlone) {
  Serve("[{protocol: SCTP, port: 80}]");
  EXPECT_TRUE(Allowed("x/b -> x/a SCTP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a SCTP/81"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  Given(Policy("x/in", "{podSelector: {}, policyTypes: [Ingress, Egress]}"));
  EXPECT_TRUE(Denied("x/b -> x/a SCTP/80"));
  EXPECT_TRUE(Allowed("w/a -> z/a SCTP/80"));
}

}  // namespace
}  // namespace sluice::hardcases
