#include "agent/kube/server_url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

TEST(ServerUrlTest, HostPortAndPrefix) {
  EXPECT_EQ(*ParseServerUrl("https://10.0.0.1:6443"), (ServerUrl{"10.0.0.1", 6443, ""}));
  EXPECT_EQ(*ParseServerUrl("https://api.example.org/"), (ServerUrl{"api.example.org", 443, ""}));
  EXPECT_EQ(*ParseServerUrl("https://[fd00::1]:443"), (ServerUrl{"fd00::1", 443, ""}));
  EXPECT_EQ(*ParseServerUrl("https://rancher/k8s/clusters/c-1/"),
            (ServerUrl{"rancher", 443, "/k8s/clusters/c-1"}));
}

TEST(ServerUrlTest, IsWrittenAsItIsRead) {
  for (const char* text : {"https://10.0.0.1:6443", "https://[fd00::1]:443/a/b"}) {
    EXPECT_EQ(ParseServerUrl(text)->ToString(), text);
  }
}

TEST(ServerUrlTest, WhatCannotBeProvenOrReachedIsRefused) {
  for (const char* text :
       {"", "http://10.0.0.1", "10.0.0.1:6443", "https://", "https://:443", "https://a:0",
        "https://a:65536", "https://a:443x", "https://a:", "https://[fd00::1", "https://[zz]:1",
        "https://user@a", "https://a/b?c", "https://a/b c", "https://a/b\r\nHost: c"}) {
    const auto url = ParseServerUrl(text);
    ASSERT_FALSE(url.ok()) << text;
    EXPECT_THAT(url.error().message(), testing::HasSubstr("\"")) << text;
  }
}

}  // namespace
}  // namespace sluice::kube
