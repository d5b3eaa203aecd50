#include "agent/cni_server/gc_handler.h"

#include <gtest/gtest.h>

namespace sluice::cni_server {
namespace {

store::Endpoint EndpointOfNetwork(const std::string& network, const std::string& container) {
  store::Endpoint endpoint;
  endpoint.network = network;
  endpoint.id = {.container_id = container, .ifname = "eth0"};
  return endpoint;
}

cni::Request Gc(std::vector<cni::AttachmentKey> valid) {
  cni::Request request;
  request.verb = cni::Verb::kGc;
  request.network = "blue";
  request.valid_attachments = std::move(valid);
  return request;
}

using Ids = std::vector<store::AttachmentId>;

TEST(GcHandlerTest, WhatIsNotListedIsStale) {
  const std::vector<store::Endpoint> endpoints{EndpointOfNetwork("blue", "c1"),
                                               EndpointOfNetwork("blue", "c2"),
                                               EndpointOfNetwork("blue", "c3")};
  EXPECT_EQ(Stale(endpoints, Gc({{"c1", "eth0"}, {"c3", "eth0"}, {"c9", "eth0"}})),
            (Ids{{"c2", "eth0"}}));
  EXPECT_EQ(Stale(endpoints, Gc({})).size(), 3u);
}

TEST(GcHandlerTest, ContainerAndInterfaceTogetherAreAnAttachment) {
  EXPECT_EQ(Stale({EndpointOfNetwork("blue", "c1")}, Gc({{"c1", "eth1"}, {"c2", "eth0"}})),
            (Ids{{"c1", "eth0"}}));
}

TEST(GcHandlerTest, OtherNetworksAreNoneOfItsBusiness) {
  EXPECT_EQ(Stale({EndpointOfNetwork("green", "c1"), EndpointOfNetwork("", "c2")}, Gc({})), Ids{});
}

TEST(CollectionTest, RepliesOnceAfterTheLastRemoval) {
  std::vector<cni::Response> replies;
  Collection collection(3, [&](const cni::Response& reply) { replies.push_back(reply); });
  collection.Note({"c1", "eth0"}, Ok());
  collection.Note({"c2", "eth0"}, Unavailable("no database"));
  EXPECT_TRUE(replies.empty());
  collection.Note({"c3", "eth0"}, Refused("no"));
  ASSERT_EQ(replies.size(), 1u);
  const cni::Collected expected{.removed = {{"c1", "eth0"}},
                                .left = "c2/eth0: no database; c3/eth0: no"};
  EXPECT_EQ(replies[0]->collected, expected);
}

TEST(CollectionTest, RepliesAtOnceIfThereIsNothingToRemove) {
  int replies = 0;
  const Collection collection(0, [&](const cni::Response&) { ++replies; });
  EXPECT_EQ(replies, 1);
}

}  // namespace
}  // namespace sluice::cni_server
