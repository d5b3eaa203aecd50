#include "cni/attachment_result.h"

#include <gtest/gtest.h>

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

const Env kEnv{.verb = Verb::kAdd,
               .container_id = "c1",
               .netns = "/run/netns/c1",
               .ifname = "eth0",
               .path = "",
               .pod = {.ns = "n", .name = "p", .uid = ""}};

AddResult Addresses() {
  AddResult addresses;
  addresses.ips = {{.interface = {},
                    .address = Ip("10.244.0.5"),
                    .prefix_length = 24,
                    .gateway = Ip("10.244.0.1")}};
  return addresses;
}

const Attached kAttached{
    .host_ifname = "slu1", .mac = {}, .gateways = {IpAddress::FromV4(0x0af40001)}};

TEST(AttachmentResultTest, RequestNamesEachGatewayOnce) {
  AddResult addresses = Addresses();
  addresses.routes = {{.destination = {}, .gateway = Ip("10.244.0.1")},
                      {.destination = {}, .gateway = Ip("10.244.0.9")},
                      {.destination = {}, .gateway = {}}};
  const Request request = MakeRequest(kEnv, {}, addresses);
  EXPECT_EQ(request.ips, std::vector<IpAddress>{Ip("10.244.0.5")});
  EXPECT_EQ(request.gateways, (std::vector<IpAddress>{Ip("10.244.0.1"), Ip("10.244.0.9")}));
}

TEST(AttachmentResultTest, ResultHasHostAddressesOnThePodsInterface) {
  const AddResult result = MakeResult(kEnv, {}, Addresses(), kAttached);
  ASSERT_EQ(result.ips.size(), 1u);
  EXPECT_EQ(result.ips[0].interface, 1u);
  EXPECT_EQ(result.ips[0].prefix_length, 32);
  EXPECT_EQ(result.interfaces.at(0).sandbox, "");
  EXPECT_EQ(result.interfaces.at(1),
            (Interface{.name = "eth0",
                       .mac = "00:00:00:00:00:00",
                       .sandbox = "/run/netns/c1",
                       .mtu = 1500}));
}

TEST(AttachmentResultTest, ResultTellsGatewayAndDefaultRouteThatIpamDidNot) {
  AddResult addresses = Addresses();
  addresses.ips[0].gateway.reset();
  const AddResult result = MakeResult(kEnv, {}, addresses, kAttached);
  EXPECT_EQ(result.ips[0].gateway, Ip("10.244.0.1"));
  EXPECT_EQ(result.routes, (std::vector<Route>{{.destination = Cidr::Of(Ip("0.0.0.0"), 0),
                                                .gateway = Ip("10.244.0.1")}}));
}

TEST(AttachmentResultTest, ResultOfADualStackPodHasGatewayAndDefaultRouteOfEachFamily) {
  AddResult addresses = Addresses();
  addresses.ips.push_back(
      {.interface = {}, .address = Ip("fd00::5"), .prefix_length = 64, .gateway = {}});
  addresses.routes = {{.destination = Cidr::Of(Ip("::"), 0), .gateway = {}}};
  Attached attached = kAttached;
  attached.gateways.push_back(Ip("fd00::1"));

  const AddResult result = MakeResult(kEnv, {}, addresses, attached);

  ASSERT_EQ(result.ips.size(), 2u);
  EXPECT_EQ(result.ips[0].gateway, Ip("10.244.0.1"));
  EXPECT_EQ(result.ips[1].gateway, Ip("fd00::1"));
  EXPECT_EQ(result.ips[1].prefix_length, 128);
  EXPECT_EQ(result.routes,
            (std::vector<Route>{
                {.destination = Cidr::Of(Ip("::"), 0), .gateway = {}},
                {.destination = Cidr::Of(Ip("0.0.0.0"), 0), .gateway = Ip("10.244.0.1")}}));
}

TEST(AttachmentResultTest, ResultKeepsADefaultRouteThatIpamTold) {
  AddResult addresses = Addresses();
  addresses.routes = {{.destination = Cidr::Of(Ip("0.0.0.0"), 0), .gateway = {}}};
  EXPECT_EQ(MakeResult(kEnv, {}, addresses, kAttached).routes, addresses.routes);
}

TEST(AttachmentResultTest, ConfiguredDnsGoesBeforeIpams) {
  AddResult addresses = Addresses();
  addresses.dns.nameservers = {"1.1.1.1"};
  NetConf conf;
  EXPECT_EQ(MakeResult(kEnv, conf, addresses, kAttached).dns, addresses.dns);
  conf.dns.nameservers = {"9.9.9.9"};
  EXPECT_EQ(MakeResult(kEnv, conf, addresses, kAttached).dns, conf.dns);
}

TEST(AttachmentResultTest, OwnPartLeavesOutOtherInterfaces) {
  AddResult previous = MakeResult(kEnv, {}, Addresses(), kAttached);
  previous.interfaces.push_back({.name = "eth1", .mac = "", .sandbox = "/run/netns/c1"});
  previous.ips.push_back(
      {.interface = 2, .address = Ip("192.0.2.1"), .prefix_length = 24, .gateway = {}});
  previous.ips.push_back(
      {.interface = {}, .address = Ip("192.0.2.2"), .prefix_length = 24, .gateway = {}});
  const AddResult own = OwnPart(kEnv, previous);
  ASSERT_EQ(own.ips.size(), 1u);
  EXPECT_EQ(own.ips[0].address, Ip("10.244.0.5"));
}

}  // namespace
}  // namespace sluice::cni
