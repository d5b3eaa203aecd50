#include "agent/http/listen_address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::http {
namespace {

TEST(ListenAddressTest, IsAnAddressOfEitherFamilyAndAPort) {
  for (const std::string text : {"127.0.0.1:9560", "0.0.0.0:1", "[::1]:65535", "[::]:9560"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_TRUE(address.ok()) << text;
    EXPECT_EQ(address->ToString(), text);
  }
}

TEST(ListenAddressTest, WhatIsNoneIsQuotedInTheError) {
  for (const std::string text :
       {"9560", ":9560", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:9560x", "127.0.0.1: 9560", "localhost:9560", "::1:9560", "[127.0.0.1]:9560",
        "[::1]", "[::1]9560", "[::1:9560"}) {
    const auto address = ParseListenAddress(text);
    ASSERT_FALSE(address.ok()) << text;
    EXPECT_THAT(address.error().message(), testing::HasSubstr("\"" + text + "\" is not HOST:PORT"));
  }
}

}  // namespace
}  // namespace sluice::http
