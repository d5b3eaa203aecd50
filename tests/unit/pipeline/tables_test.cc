#include "agent/pipeline/tables.h"

#include <gtest/gtest.h>

#include <set>

#include "agent/pipeline/fields.h"
#include "agent/pipeline/owner.h"
#include "agent/reconcile/desired_state.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/random_cluster.h"

namespace sluice::pipeline {
namespace {

using fakes::RandomCluster;
using ofctl::Field;

constexpr uint32_t kGateway = 2;
constexpr uint8_t kDropTable = Number(Table::kDrop);

ofctl::FlowMap RandomFlows(uint32_t seed) {
  reconcile::DesiredState state({{kGateway},
                                 MacAddress({2, 0, 0, 0, 0, 1}),
                                 {fakes::Ip("10.0.0.254"), fakes::Ip("fd00::fffe")},
                                 SctpPorts::kFromHeader});
  RandomCluster cluster({.seed = seed, .addresses = RandomCluster::Addresses::kUnique});
  for (int i = 0; i < 60; ++i) {
    const fakes::ClusterEvent event = cluster.Next();
    if (const auto* object = std::get_if<store::StoreEvent>(&event)) state.Apply({*object});
    if (const auto* endpoint = std::get_if<store::Endpoint>(&event)) state.PutEndpoint(*endpoint);
  }
  return state.flows().Flows();
}

std::optional<uint8_t> NextTable(const ofctl::Action& action) {
  if (const auto* go = std::get_if<ofctl::GotoTable>(&action)) return go->table;
  if (const auto* ct = std::get_if<ofctl::Ct>(&action)) return ct->table;
  return std::nullopt;
}

// The table that the action looks up, or that it writes flows into.
std::optional<uint8_t> LookupTable(const ofctl::Action& action) {
  if (const auto* resubmit = std::get_if<ofctl::Resubmit>(&action)) return resubmit->table;
  if (const auto* learn = std::get_if<ofctl::Learn>(&action)) return learn->table;
  return std::nullopt;
}

TEST(TablesTest, ATableThatIsLookedUpHoldsWhatTheSwitchLearnsAndNothingElse) {
  std::set<uint8_t> tables;
  const ofctl::FlowMap flows = RandomFlows(1);
  for (const auto& [key, body] : flows) {
    for (const ofctl::Action& action : body.actions) {
      if (const auto table = LookupTable(action)) tables.insert(*table);
    }
  }
  for (const TableSpec& spec : kTables) {
    EXPECT_EQ(tables.contains(Number(spec.table)), spec.miss == Miss::kReturn) << spec.name;
  }
  for (const auto& [key, body] : flows) {
    EXPECT_FALSE(tables.contains(key.table)) << ofctl::ToString(key);
  }
}

TEST(TablesTest, EveryFlowIsInATableOfOursAndOnlyGoesForward) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [key, body] : RandomFlows(seed)) {
      EXPECT_NE(NameOf(key.table), "") << ofctl::ToString(key);
      for (size_t i = 0; i < body.actions.size(); ++i) {
        const auto next = NextTable(body.actions[i]);
        if (!next) continue;
        EXPECT_GT(*next, key.table) << ofctl::ToString(key);
        EXPECT_NE(NameOf(*next), "") << ofctl::ToString(key);
        EXPECT_EQ(i, body.actions.size() - 1) << "nothing follows: " << ofctl::ToString(key);
      }
    }
  }
}

// conjunction(id, 1/1) is refused by the switch, and id 0 would match every packet.
TEST(TablesTest, ConjunctionsAreWellFormed) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [key, body] : RandomFlows(seed)) {
      for (const ofctl::Action& action : body.actions) {
        const auto* clause = std::get_if<ofctl::Conjunction>(&action);
        if (clause == nullptr) continue;
        EXPECT_GT(clause->id, 0u);
        EXPECT_GE(clause->clauses, 2);
        EXPECT_GE(clause->clause, 1);
        EXPECT_LE(clause->clause, clause->clauses);
      }
    }
  }
}

// Matches on the original tuple without +trk-inv beside them: OFPBMC_BAD_PREREQ.
TEST(TablesTest, OriginalTuplesAreMatchedWithTheirPrerequisites) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [key, body] : RandomFlows(seed)) {
      bool tuple = false;
      for (const ofctl::FieldMatch& entry : key.match.fields()) {
        tuple = tuple || (entry.field >= Field::kCtNwSrc && entry.field <= Field::kCtTpDst);
      }
      if (!tuple) continue;
      const auto state = key.match.Find(Field::kCtState);
      ASSERT_TRUE(state.has_value()) << ofctl::ToString(key);
      const uint64_t needed = ofctl::kCtTrk | ofctl::kCtInv;
      EXPECT_EQ(state->value.lo & needed, ofctl::kCtTrk);
      EXPECT_EQ(state->mask.lo & needed, needed);
      EXPECT_TRUE(key.match.Find(Field::kEthType).has_value());
      if (key.match.Find(Field::kCtTpDst)) {
        EXPECT_TRUE(key.match.Find(Field::kCtNwProto).has_value());
      }
    }
  }
}

// A drop anywhere else would leave its megaflow without kDropBit.
TEST(TablesTest, WhatIsDroppedEndsInOneTableThatNothingElseGoesTo) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [key, body] : RandomFlows(seed)) {
      EXPECT_EQ(body.actions.empty(), key.table == kDropTable) << ofctl::ToString(key);
      const bool drops = !body.actions.empty() && NextTable(body.actions.back()) == kDropTable;
      EXPECT_TRUE(!drops || body.actions.size() == 1) << ofctl::ToString(key);
    }
  }
}

TEST(TablesTest, OneTableLooksAtTheDropBitAndOneAtTheOutputBitAndNobodySetsThem) {
  std::set<uint8_t> looking;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    for (const auto& [key, body] : RandomFlows(seed)) {
      const auto mark = key.match.Find(Field::kPktMark);
      if (mark) {
        const SubField bit = key.table == kDropTable ? kDropBit : kOutputBit;
        EXPECT_EQ(mark->mask, ofctl::MaskOf(bit)) << ofctl::ToString(key);
        looking.insert(key.table);
      }
      for (const ofctl::Action& action : body.actions) {
        const auto* set = std::get_if<ofctl::SetField>(&action);
        const auto* move = std::get_if<ofctl::MoveField>(&action);
        EXPECT_FALSE(set != nullptr && set->target.field == Field::kPktMark);
        EXPECT_FALSE(move != nullptr && move->target.field == Field::kPktMark);
      }
    }
  }
  EXPECT_EQ(looking, (std::set<uint8_t>{Number(Table::kOutput), kDropTable}));
}

TEST(TablesTest, NothingEverForwardsByChance) {
  for (const auto& [key, body] : RandomFlows(1)) {
    for (const ofctl::Action& action : body.actions) {
      if (const auto* output = std::get_if<ofctl::Output>(&action)) {
        EXPECT_EQ(key.table, Number(Table::kArpNd));
        const auto origin = key.match.Find(Field::kReg0);
        ASSERT_TRUE(origin.has_value());
        const bool back = output->port == ofctl::kPortInPort;
        const bool from_pod = origin->value.lo == static_cast<uint64_t>(Origin::kPod);
        EXPECT_TRUE(back || (output->port == kGateway) == from_pod)
            << "from pods to the gateway, and the other way: " << ofctl::ToString(key);
      }
      if (std::holds_alternative<ofctl::OutputField>(action)) {
        EXPECT_EQ(key.table, Number(Table::kOutput));
      }
    }
  }
}

}  // namespace
}  // namespace sluice::pipeline
