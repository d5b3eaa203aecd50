#include "agent/store/endpoint.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::store {
namespace {

Endpoint Web() {
  Endpoint endpoint =
      fakes::EndpointOf(fakes::PodBuilder("shop", "web").Ip("10.0.0.5").Uid("u1"), {7});
  endpoint.ips.push_back(fakes::Ip("fd00::5"));
  return endpoint;
}

TEST(EndpointTest, ExternalIdsHoldAllButTheRowsOwnColumns) {
  Endpoint expected = Web();
  expected.host_ifname.clear();
  expected.ofport.reset();
  EXPECT_EQ(FromExternalIds(ToExternalIds(Web())).value(), expected);
}

TEST(EndpointTest, ARowOfSomebodyElseIsNotFound) {
  const auto endpoint = FromExternalIds({{"iface-id", "x"}});
  ASSERT_FALSE(endpoint.ok());
  EXPECT_EQ(endpoint.error().code(), ErrorCode::kNotFound);
}

TEST(EndpointTest, ADamagedRowOfOursIsInvalidAndNamesTheKey) {
  for (const auto& [key, value] : ToExternalIds(Web())) {
    if (key == "sluice-container-id" || key == "sluice-network") continue;
    ExternalIds ids = ToExternalIds(Web());
    ids.erase(key);
    const auto endpoint = FromExternalIds(ids);
    ASSERT_FALSE(endpoint.ok()) << key;
    EXPECT_EQ(endpoint.error().code(), ErrorCode::kInvalid);
    EXPECT_NE(endpoint.error().message().find(key), std::string::npos);
  }
  for (const char* key : {"sluice-mac", "sluice-ips"}) {
    ExternalIds ids = ToExternalIds(Web());
    ids[key] = "10.0.0.5  nonsense";
    EXPECT_FALSE(FromExternalIds(ids).ok()) << key;
  }
}

// Rows of an earlier release name none: what they guard must not close.
TEST(EndpointTest, ARowMayNameNoNetwork) {
  ExternalIds ids = ToExternalIds(Web());
  ids.erase("sluice-network");
  EXPECT_EQ(FromExternalIds(ids).value().network, "");
}

TEST(EndpointTest, NoAddressesAreAnEmptyList) {
  Endpoint endpoint = Web();
  endpoint.ips.clear();
  EXPECT_TRUE(FromExternalIds(ToExternalIds(endpoint)).value().ips.empty());
}

// A restarted agent, also of another release, must find the interface it made.
TEST(EndpointTest, HostIfnameIsStableAndFitsTheKernel) {
  const std::string name = HostIfname({"c0ffee", "eth0"});
  EXPECT_EQ(name, "slu3d78a5b30a08");
  EXPECT_EQ(name.size(), 15u);
  EXPECT_NE(name, HostIfname({"c0ffee", "eth1"}));
  EXPECT_NE(HostIfname({"a", "b/c"}), HostIfname({"a/b", "c"}));
}

TEST(EndpointTest, MacComesFromTheAddress) {
  EXPECT_EQ(MacFor(fakes::Ip("10.0.0.5")).ToString(), "0a:58:0a:00:00:05");
  EXPECT_EQ(MacFor(fakes::Ip("fd00::1:2")).ToString(), "0a:58:00:01:00:02");
}

TEST(EndpointTest, MacComesFromTheFirstIPv4AddressOfSeveral) {
  const IpAddress v6 = fakes::Ip("fd00::1:2");
  EXPECT_EQ(MacFor({v6, fakes::Ip("10.0.0.5"), fakes::Ip("10.0.0.6")}).ToString(),
            "0a:58:0a:00:00:05");
  EXPECT_EQ(MacFor({v6, fakes::Ip("fd00::3:4")}), MacFor(v6));
  EXPECT_EQ(MacFor(std::vector<IpAddress>{}), MacAddress());
}

}  // namespace
}  // namespace sluice::store
