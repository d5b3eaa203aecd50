#include <gtest/gtest.h>

#include <map>
#include <set>

#include "agent/pipeline/endpoint_flows.h"
#include "agent/pipeline/owner.h"
#include "agent/pipeline/policy_flows.h"
#include "agent/pipeline/static_flows.h"
#include "agent/policy/sort_unique.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/random_cluster.h"

namespace sluice::pipeline {
namespace {

using fakes::Ip;
using fakes::Prefix;
using fakes::RandomCluster;
using policy::Side;
using store::Direction;

const NodePorts kNode{{2},
                      MacAddress({2, 0, 0, 0, 0, 1}),
                      {Ip("10.0.0.254"), Ip("fd00::fffe")},
                      SctpPorts::kFromHeader};

struct World {
  store::ClusterStore store;
  policy::PolicyEngine engine{store};

  explicit World(uint32_t seed) {
    RandomCluster cluster({.seed = seed, .addresses = RandomCluster::Addresses::kUnique});
    for (int i = 0; i < 80; ++i) {
      const fakes::ClusterEvent event = cluster.Next();
      if (const auto* object = std::get_if<store::StoreEvent>(&event)) {
        engine.Apply(store.Apply(*object));
      } else if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) {
        engine.Apply(store.PutEndpoint(*endpoint));
      }
    }
    engine.TakeChanges();
  }

  // Everything there is, from scratch.
  std::vector<OwnedFlows> Render() const {
    policy::PolicyChanges all;
    for (const Side side : {Side::kSource, Side::kDestination}) {
      auto& of = all.sides[static_cast<size_t>(side)];
      for (const auto& [prefix, id] : engine.classes(side).Entries()) {
        of.entries.push_back(prefix);
        of.classes.push_back(id);
      }
    }
    for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
      auto& of = all.directions[static_cast<size_t>(direction)];
      for (const policy::RuleId id : engine.rules(direction).Ids()) {
        of.rules.push_back(id);
        const policy::Rule& rule = *engine.rules(direction).Find(id);
        if (rule.services) {
          of.services.insert(of.services.end(), rule.services->begin(), rule.services->end());
        }
      }
    }
    for (auto& of : all.sides) policy::SortUnique(of.classes);
    for (auto& of : all.directions) policy::SortUnique(of.services);
    std::vector<OwnedFlows> rendered = RenderChanges(engine, all, kNode.sctp);
    rendered.push_back(RenderStatic(kNode.sctp));
    rendered.push_back(RenderNode(kNode));
    for (const auto& [id, endpoint] : store.endpoints()) {
      rendered.push_back(RenderEndpoint(endpoint, kNode));
    }
    return rendered;
  }
};

TEST(OwnersTest, NoTwoOwnersShareAKeyAndNoOwnerIsRenderedTwice) {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::map<ofctl::FlowKey, OwnerId> owner_of;
    std::set<OwnerId> owners;
    for (const OwnedFlows& owned : World(seed).Render()) {
      EXPECT_TRUE(owners.insert(owned.owner).second) << "seed " << seed;
      for (const ofctl::Flow& flow : owned.flows) {
        EXPECT_TRUE(owner_of.emplace(flow.key, owned.owner).second)
            << "seed " << seed << ": " << ofctl::ToString(flow.key);
        EXPECT_EQ(flow.body.cookie >> 56, static_cast<uint64_t>(owned.owner.category));
      }
    }
    EXPECT_GT(owners.size(), 5u);
  }
}

TEST(OwnersTest, AnAddressOwnerNamesItsPrefix) {
  for (const char* text :
       {"10.1.2.3/32", "0.0.0.0/0", "10.128.0.0/9", "fd00:1::/32", "::/0", "fd00::1/128"}) {
    EXPECT_EQ(PrefixOf(AddressOwner(Side::kSource, Prefix(text))), Prefix(text)) << text;
  }
  EXPECT_NE(AddressOwner(Side::kSource, Prefix("0.0.0.0/0")),
            AddressOwner(Side::kSource, Prefix("::/0")));
  EXPECT_NE(AddressOwner(Side::kSource, Prefix("10.0.0.0/8")),
            AddressOwner(Side::kDestination, Prefix("10.0.0.0/8")));
  EXPECT_NE(AddressOwner(Side::kSource, Prefix("10.0.0.0/8")),
            AddressOwner(Side::kSource, Prefix("10.0.0.0/9")));
}

TEST(OwnersTest, AServiceOwnerNamesItsService) {
  for (const policy::ServiceMatch& service :
       {policy::ServiceMatch{store::Protocol::kTcp, {80, 0xffff}},
        policy::ServiceMatch{store::Protocol::kUdp, {0, 0}},
        policy::ServiceMatch{store::Protocol::kTcp, {0x8000, 0x8000}}}) {
    EXPECT_EQ(ServiceOf(ServiceOwner(Direction::kIngress, service)), service);
  }
}

}  // namespace
}  // namespace sluice::pipeline
