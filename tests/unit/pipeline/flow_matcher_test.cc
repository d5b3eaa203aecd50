// The measure must be right before anything is measured with it: ovs-fields(7), "Conjunctive Match
// Fields", and lib/classifier.c.
#include "tests/fakes/flow_matcher.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::fakes {
namespace {

using ofctl::Actions;
using ofctl::Conjunction;
using ofctl::Field;
using ofctl::FlowMap;
using ofctl::Match;
using ofctl::Output;

struct FlowSpec {
  uint8_t table = 0;
  uint16_t priority = 0;
  Match match;
  Actions actions;
};

FlowMap Flows(const std::vector<FlowSpec>& specs) {
  FlowMap flows;
  for (const FlowSpec& spec : specs) {
    flows[{spec.table, spec.priority, spec.match}] = {0, spec.actions};
  }
  return flows;
}

Packet TcpTo(uint16_t port) {
  Packet packet;
  packet.in_port = 1;
  packet.ip = {Ip("10.0.0.1"), Ip("10.0.0.2"), ofctl::kProtoTcp, 40000, port};
  packet.original = packet.ip;
  return packet;
}

std::optional<uint32_t> PortOf(const FlowMap& flows, const Packet& packet) {
  return FlowMatcher(flows).Trace(packet).port;
}

Match FromOne() { return Match().Exact(Field::kNwSrc, Ip("10.0.0.1").v4()); }
Match ToPort80() { return Match().Exact(Field::kTpDst, 80); }
Match Complete(uint32_t id) { return Match().Exact(Field::kConjId, id); }

TEST(FlowMatcherTest, TheHighestPriorityThatMatchesWins) {
  const FlowMap flows =
      Flows({{0, 1, {}, {Output{9}}},
             {0, 3, Match().Exact(Field::kTpDst, 81), {Output{3}}},
             {0, 2, Match().Masked(Field::kTpDst, {0, 80}, {0, 0xfff0}), {Output{2}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(81)), 3u);
  EXPECT_EQ(PortOf(flows, TcpTo(82)), 2u);
  EXPECT_EQ(PortOf(flows, TcpTo(443)), 9u);
}

TEST(FlowMatcherTest, NoFlowAndNoActionDrop) {
  EXPECT_EQ(PortOf({}, TcpTo(80)), std::nullopt);
  EXPECT_EQ(PortOf(Flows({{0, 1, {}, {}}}), TcpTo(80)), std::nullopt);
}

TEST(FlowMatcherTest, RegistersAreLoadedMovedAndRead) {
  const FlowMap flows =
      Flows({{0,
              1,
              {},
              {ofctl::SetField{{Field::kReg0, 0, 3}, {0, 5}},
               ofctl::MoveField{{Field::kReg0, 0, 3}, {Field::kReg1, 4, 7}}, ofctl::GotoTable{10}}},
             {10,
              1,
              Match().Bits32({Field::kReg1, 4, 7}, 5),
              {ofctl::OutputField{{Field::kReg1, 0, 31}}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(80)), 0x50u);
}

TEST(FlowMatcherTest, AnOutputReadFromAFieldNeverGoesBackWhereItCameFrom) {
  EXPECT_EQ(
      PortOf(Flows({{0, 1, {}, {ofctl::OutputField{ofctl::Whole(Field::kInPort)}}}}), TcpTo(80)),
      std::nullopt);
  EXPECT_EQ(PortOf(Flows({{0, 1, {}, {Output{ofctl::kPortInPort}}}}), TcpTo(80)), 1u);
}

TEST(FlowMatcherTest, ConnectionFieldsAreThereAfterCtOnly) {
  const Match original = Match()
                             .CtState({.set = ofctl::kCtTrk | ofctl::kCtEst, .clear = 0})
                             .Exact(Field::kCtTpDst, 80);
  Packet reply = TcpTo(80);
  reply.ip = reply.original.Reversed();
  reply.ct_state = ofctl::kCtTrk | ofctl::kCtEst | ofctl::kCtRpl;
  EXPECT_EQ(PortOf(Flows({{0, 1, original, {Output{2}}}}), reply), std::nullopt);
  const ofctl::Ct ct{.commit = ofctl::CtCommit::kNo, .zone = 4, .table = 10, .exec = {}};
  const ofctl::Ct commit{.commit = ofctl::CtCommit::kYes, .zone = 4, .table = {}, .exec = {}};
  EXPECT_EQ(PortOf(Flows({{0, 1, {}, {ct}}, {10, 1, original, {Output{2}}}, {20, 1, {}, {commit}}}),
                   reply),
            2u);
}

TEST(FlowMatcherTest, WhereNothingIsCommittedAPacketIsItsOwnConnections) {
  const Match original = Match().CtState({.set = ofctl::kCtTrk | ofctl::kCtNew, .clear = 0});
  Packet packet = TcpTo(80);
  packet.ct_state = ofctl::kCtTrk | ofctl::kCtEst;
  const FlowMap flows = Flows(
      {{0,
        1,
        {},
        {ofctl::SetField{ofctl::Whole(Field::kNwSrc), {0, 7}},
         ofctl::Ct{.commit = ofctl::CtCommit::kNo, .zone = 4, .table = 10, .exec = {}}}},
       {10, 1, Match(original).Exact(Field::kCtNwSrc, 7).Exact(Field::kCtTpDst, 0), {Output{2}}}});
  EXPECT_EQ(PortOf(flows, packet), 2u);
}

TEST(FlowMatcherTest, AResubmitComesBack) {
  const ofctl::SetField one{ofctl::Whole(Field::kReg1), {0, 1}};
  const std::vector<FlowSpec> caller = {{0, 1, {}, {ofctl::Resubmit{9}, ofctl::GotoTable{10}}},
                                        {10, 2, Match().Exact(Field::kReg1, 1), {Output{2}}},
                                        {10, 1, {}, {Output{3}}}};
  EXPECT_EQ(PortOf(Flows(caller), TcpTo(80)), 3u);
  std::vector<FlowSpec> with_table = caller;
  with_table.push_back({9, 1, ToPort80(), {one}});
  EXPECT_EQ(PortOf(Flows(with_table), TcpTo(80)), 2u);
  EXPECT_EQ(PortOf(Flows(with_table), TcpTo(81)), 3u);
}

TEST(FlowMatcherTest, WhatIsLearnedIsMadeOfThePacket) {
  const ofctl::Learn learn{
      .table = 9,
      .priority = 7,
      .idle_timeout = 60,
      .cookie = 5,
      .limit = 0,
      .specs = {ofctl::Learn::MatchValue{ofctl::Whole(Field::kNwProto), {0, ofctl::kProtoTcp}},
                ofctl::Learn::MatchField{ofctl::Whole(Field::kTpSrc), ofctl::Whole(Field::kTpDst)},
                ofctl::Learn::LoadValue{{Field::kReg4, 1, 1}, {0, 1}}}};
  const std::vector<ofctl::Flow> learned =
      FlowMatcher(Flows({{0, 1, {}, {learn}}})).Trace(TcpTo(80)).learned;
  ASSERT_EQ(learned.size(), 1u);
  EXPECT_EQ(ofctl::ToString(learned[0]),
            "cookie=0x5, table=9, priority=7,nw_proto=6,tp_src=80 "
            "actions=set_field:0x2/0x2->reg4,idle_timeout=60");
}

TEST(FlowMatcherTest, NoFragmentShowsItsPortsAndTheFirstThoseOfItsConnection) {
  const ofctl::Ct ct{.commit = ofctl::CtCommit::kNo, .zone = 4, .table = 10, .exec = {}};
  const ofctl::Ct commit{.commit = ofctl::CtCommit::kYes, .zone = 4, .table = {}, .exec = {}};
  const FlowMap flows = Flows({{0, 2, ToPort80(), {Output{2}}},
                               {0, 1, {}, {ct}},
                               {10, 1, Match().Exact(Field::kCtTpDst, 80), {Output{3}}},
                               {20, 1, {}, {commit}}});
  Packet packet = TcpTo(80);
  EXPECT_EQ(PortOf(flows, packet), 2u);
  packet.fragment = ofctl::kFragAny;
  EXPECT_EQ(PortOf(flows, packet), 3u);
  packet.fragment = ofctl::kFragAny | ofctl::kFragLater;
  EXPECT_EQ(PortOf(flows, packet), std::nullopt);
}

TEST(FlowMatcherTest, AConjunctionNeedsEveryClause) {
  const FlowMap flows = Flows({{0, 5, FromOne(), {Conjunction{7, 1, 2}}},
                               {0, 5, ToPort80(), {Conjunction{7, 2, 2}}},
                               {0, 5, Complete(7), {Output{2}}},
                               {0, 0, {}, {Output{9}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(80)), 2u);
  EXPECT_EQ(PortOf(flows, TcpTo(81)), 9u);
}

TEST(FlowMatcherTest, ClausesOfDifferentPrioritiesNeverCombine) {
  const FlowMap flows = Flows({{0, 6, FromOne(), {Conjunction{7, 1, 2}}},
                               {0, 5, ToPort80(), {Conjunction{7, 2, 2}}},
                               {0, 6, Complete(7), {Output{2}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(80)), std::nullopt);
}

TEST(FlowMatcherTest, ClausesOfDifferentIdsNeverCombine) {
  const FlowMap flows = Flows({{0, 5, FromOne(), {Conjunction{7, 1, 2}, Conjunction{8, 1, 2}}},
                               {0, 5, ToPort80(), {Conjunction{9, 2, 2}}},
                               {0, 5, Complete(7), {Output{2}}},
                               {0, 5, Complete(9), {Output{2}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(80)), std::nullopt);
}

TEST(FlowMatcherTest, APlainFlowBeatsAConjunctionOfItsPriority) {
  const std::vector<FlowSpec> conjunction = {{0, 5, FromOne(), {Conjunction{7, 1, 2}}},
                                             {0, 5, ToPort80(), {Conjunction{7, 2, 2}}},
                                             {0, 5, Complete(7), {Output{2}}}};
  std::vector<FlowSpec> equal = conjunction;
  equal.push_back({0, 5, Match().InPort({1}), {Output{3}}});
  EXPECT_EQ(PortOf(Flows(equal), TcpTo(80)), 3u);
  std::vector<FlowSpec> below = conjunction;
  below.push_back({0, 4, Match().InPort({1}), {Output{3}}});
  EXPECT_EQ(PortOf(Flows(below), TcpTo(80)), 2u);
}

TEST(FlowMatcherTest, AnIncompleteConjunctionLeavesTheFieldToALowerOne) {
  const FlowMap flows = Flows({{0, 6, FromOne(), {Conjunction{7, 1, 2}}},
                               {0, 6, Complete(7), {Output{2}}},
                               {0, 5, FromOne(), {Conjunction{8, 1, 2}}},
                               {0, 5, ToPort80(), {Conjunction{8, 2, 2}}},
                               {0, 5, Complete(8), {Output{4}}}});
  EXPECT_EQ(PortOf(flows, TcpTo(80)), 4u);
}

TEST(FlowMatcherTest, TwoFlowsOfOnePriorityAreAnAmbiguity) {
  const FlowMap flows = Flows({{0, 5, FromOne(), {Output{2}}}, {0, 5, ToPort80(), {Output{3}}}});
  EXPECT_NE(FlowMatcher(flows).Trace(TcpTo(80)).ambiguity, "");
  EXPECT_EQ(FlowMatcher(flows).Trace(TcpTo(81)).ambiguity, "");
}

}  // namespace
}  // namespace sluice::fakes
