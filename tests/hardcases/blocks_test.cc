// ipBlock: addresses, whoever has them.
#include "tests/fakes/builders.h"
#include "tests/hardcases/hard_case.h"

namespace sluice::hardcases {
namespace {

class Blocks : public HardCase {
 protected:
  // x/a is open to these peers only.
  void Admit(const std::string& peers) {
    Given(
        Policy("x/in", "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: " + peers + "}]}"));
  }
  void AdmitStored(const std::string& peers) {
    Stored(
        Policy("x/in", "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: " + peers + "}]}"));
  }
  // x/a may open connections to these only.
  void LetOut(const std::string& peers) {
    Given(Policy("x/out",
                 "{podSelector: {matchLabels: {pod: a}}, policyTypes: [Egress], egress: "
                 "[{to: " +
                     peers + "}]}"));
  }
};

TEST_F(Blocks, HardCase19AnExceptDeniesNothingThatAnotherPeerAllows) {
  const std::string block = "{ipBlock: {cidr: 10.0.0.0/8, except: [10.0.1.0/24]}}";
  Admit("[" + block + ", {podSelector: {matchLabels: {pod: b}}}]");
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/b -> x/a TCP/80")) << "by the other peer";
  EXPECT_TRUE(Denied("x/c -> x/a TCP/80"));
  Given(Policy("x/other",
               "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: "
               "{cidr: 10.0.1.3/32}}]}]}"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80")) << "by the other policy";
  EXPECT_TRUE(Denied("10.0.1.99 -> x/a TCP/80"));
}

TEST_F(Blocks, HardCase20EachExceptCutsItsOwnBlock) {
  Admit(
      "[{ipBlock: {cidr: 10.0.0.0/16, except: [10.0.1.0/24]}},"
      " {ipBlock: {cidr: 10.0.1.0/30, except: [10.0.1.2/32]}}]");
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("x/c -> x/a TCP/80")) << "in the second block";
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80")) << "cut from both";
  EXPECT_TRUE(Denied("10.0.1.99 -> x/a TCP/80"));
}

TEST_F(Blocks, HardCase21OverlappingBlocksAreAUnionWhateverTheirLengths) {
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, ingress: ["
               "{from: [{ipBlock: {cidr: 192.0.0.0/8}}], ports: [{port: 80}]},"
               "{from: [{ipBlock: {cidr: 192.0.2.0/24}}], ports: [{port: 81}]},"
               "{from: [{ipBlock: {cidr: 192.0.2.0/25, except: [192.0.2.1/32]}}], ports: [{port: "
               "82}]},"
               "{from: [{ipBlock: {cidr: 192.0.2.1/32}}], ports: [{port: 83}]}]}"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/81"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/82"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/83"));
  EXPECT_TRUE(Allowed("192.0.2.2 -> x/a TCP/82"));
  EXPECT_TRUE(Denied("192.0.2.2 -> x/a TCP/83"));
  EXPECT_TRUE(Denied("192.0.2.129 -> x/a TCP/82"));
  EXPECT_TRUE(Allowed("192.0.2.129 -> x/a TCP/81"));
  EXPECT_TRUE(Allowed("192.1.0.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.1.0.1 -> x/a TCP/81"));
}

TEST_F(Blocks, HardCase22OneAddressAndOnePortServeSeveralRules) {
  const std::string from = "ingress: [{from: [{ipBlock: {cidr: 192.0.2.1/32}}], ports: [{port: 80}";
  Given(Policy("x/a", "{podSelector: {matchLabels: {pod: a}}, " + from + "]}]}"));
  Given(Policy("x/b", "{podSelector: {matchLabels: {pod: b}}, " + from + ", {port: 81}]}]}"));
  Given(Policy("x/all", "{podSelector: {}, " + from + ", {port: 82}]}]}"));
  for (const std::string pod : {"x/a", "x/b", "x/c"}) {
    EXPECT_TRUE(Allowed("192.0.2.1 -> " + pod + " TCP/80"));
    EXPECT_TRUE(Allowed("192.0.2.1 -> " + pod + " TCP/82"));
  }
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/b TCP/81"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/81"));
  Deleted(store::ObjectKind::kNetworkPolicy, "x/all");
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/80")) << "the others stay as they are";
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/82"));
}

TEST_F(Blocks, HardCase23ABlockOverPodAddressesMeansThosePods) {
  Admit("[{ipBlock: {cidr: 10.0.2.0/24, except: [10.0.2.2/32]}}]");
  EXPECT_TRUE(Allowed("w/a -> x/a TCP/80"));
  EXPECT_TRUE(Denied("w/b -> x/a TCP/80"));
  LetOut("[{ipBlock: {cidr: 10.0.9.1/32}}]");
  EXPECT_TRUE(Allowed("x/a -> w/far TCP/80")) << "of other nodes too";
  EXPECT_TRUE(Denied("x/a -> w/b TCP/80"));
}

TEST_F(Blocks, HardCase24ABlockOverNodeAddressesMeansTheNodes) {
  LetOut("[{ipBlock: {cidr: 10.0.0.1/32}}]");
  EXPECT_TRUE(Allowed("x/a -> node TCP/80"));
  EXPECT_TRUE(Denied("x/a -> 10.0.0.2 TCP/80")) << "another node";
  Admit("[{ipBlock: {cidr: 10.0.0.2/32}}]");
  EXPECT_TRUE(Allowed("10.0.0.2 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("10.0.0.3 -> x/a TCP/80"));
}

TEST_F(Blocks, HardCase25TheWholeIPv4WorldHoldsPodsAndNoIPv6) {
  Given(Pod({.key = "x/six", .labels = "{pod: a}"}));
  Attach("x/six", {"10.0.1.6", "fd00::6"});
  Admit("[{ipBlock: {cidr: 0.0.0.0/0}}]");
  LetOut("[{ipBlock: {cidr: 0.0.0.0/0}}]");
  for (const std::string other : {"x/b", "w/far", "192.0.2.1", "255.255.255.254"}) {
    EXPECT_TRUE(Allowed("x/a -> " + other + " TCP/80"));
    EXPECT_TRUE(Allowed(other + " -> x/a UDP/53"));
  }
  EXPECT_TRUE(Denied("fd00::6 -> 2001:db8::1 TCP/80"));
  EXPECT_TRUE(Denied("2001:db8::1 -> fd00::6 TCP/80"));
  EXPECT_TRUE(Denied("::ffff:192.0.2.1 -> fd00::6 TCP/80")) << "IPv4 in disguise";
  LetOut("[{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}]");
  EXPECT_TRUE(Allowed("fd00::6 -> 2001:db8::1 TCP/80"));
  EXPECT_TRUE(Denied("2001:db8::1 -> fd00::6 TCP/80"));
}

TEST_F(Blocks, HardCase26ABlockAndAPortAreBothNeeded) {
  Given(Policy("x/in",
               "{podSelector: {matchLabels: {pod: a}}, ingress: [{from: [{ipBlock: {cidr: "
               "192.0.2.0/24}}], ports: [{port: 80}]}]}"));
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/81"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a UDP/80"));
  EXPECT_TRUE(Denied("192.0.3.1 -> x/a TCP/80"));
}

TEST_F(Blocks, HardCase27HostBitsAreTheNetworksAndLeadingZerosDecimal) {
  AdmitStored("[{ipBlock: {cidr: 192.0.2.77/24}}]");
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.3.77 -> x/a TCP/80"));
  AdmitStored("[{ipBlock: {cidr: 192.0.2.77/0}}]");
  EXPECT_TRUE(Allowed("8.8.8.8 -> x/a TCP/80"));
  AdmitStored("[{ipBlock: {cidr: 010.0.2.0/024}}]");
  EXPECT_TRUE(Allowed("10.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("8.0.2.1 -> x/a TCP/80")) << "not octal";
  AdmitStored("[{ipBlock: {cidr: '::ffff:192.0.2.0/120'}}]");
  EXPECT_TRUE(Allowed("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.3.1 -> x/a TCP/80"));
}

TEST_F(Blocks, HardCase27AnUnparsableBlockMatchesNothing) {
  AdmitStored("[{ipBlock: {cidr: ten}}, {ipBlock: {cidr: 192.0.2.0/33}}]");
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("x/b -> x/a TCP/80"));
  AdmitStored("[{ipBlock: {cidr: 192.0.2.0/24, except: [ten]}}]");
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/80")) << "nobody knows what was to be left out";
}

TEST_F(Blocks, HardCase28BlocksOfTheOtherFamilyDoNoHarm) {
  AdmitStored(
      "[{ipBlock: {cidr: '2001:db8::/32', except: ['2001:db8:1::/48']}},"
      " {ipBlock: {cidr: 192.0.2.0/24, except: ['2001:db8::/32', 192.0.2.1/32]}}]");
  EXPECT_TRUE(Allowed("192.0.2.2 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.2.1 -> x/a TCP/80"));
  EXPECT_TRUE(Denied("192.0.3.1 -> x/a TCP/80"));
  Admit("[{ipBlock: {cidr: '::/0'}}]");
  EXPECT_TRUE(Denied("192.0.2.2 -> x/a TCP/80"));
}

}  // namespace
}  // namespace sluice::hardcases
