// What is written and read without libopenvswitch is what libopenvswitch writes and reads.
#include "ofctl/plain_flow.h"

#include <gmock/gmock.h>

#include <random>

#include "ofctl/wire_flow_mod.h"
#include "tests/unit/ofctl/dump_entries.h"
#include "tests/unit/ofctl/sample_flows.h"

namespace sluice::ofctl {
namespace {

constexpr Xid kXid{77};

// All samples, and each again with every field and every set_field of random bits.
std::vector<Flow> ManyFlows() {
  std::mt19937_64 random(1);
  std::vector<Flow> flows;
  for (const SampleFlow& sample : AllSamples()) {
    flows.push_back(sample.flow);
    for (int i = 0; i < 50; ++i) {
      Flow flow = sample.flow;
      for (const FieldMatch& entry : sample.flow.key.match.fields()) {
        const bool structural = entry.field == Field::kEthType || entry.field == Field::kNwProto ||
                                entry.field == Field::kCtState;
        if (structural && i % 4 != 0) continue;
        flow.key.match.Masked(entry.field, {random(), random()},
                              i % 3 == 0 ? Bits{random(), random()} : entry.mask);
      }
      for (Action& action : flow.body.actions) {
        if (auto* set = std::get_if<SetField>(&action)) {
          set->value = (Bits{random(), random()} & MaskOf(set->target)) >> set->target.first;
        }
      }
      flow.key.priority = static_cast<uint16_t>(random());
      flows.push_back(std::move(flow));
    }
  }
  return flows;
}

// One match of every field beside what it presupposes, with masks of all kinds and with none.
std::vector<Flow> EveryFieldMasked() {
  const std::vector<Match> bases = {
      Match(),
      Match().Ip(IpFamily::kIPv4).CtState({.set = kCtTrk, .clear = kCtInv}),
      Match().Ip(IpFamily::kIPv6).CtState({.set = kCtEst}),
      Match().Ip(IpFamily::kIPv4).CtState({.set = kCtTrk}),
      Match().EthType(kEthTypeArp),
      Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, kProtoTcp),
      Match().Ip(IpFamily::kIPv6).Exact(Field::kNwProto, kProtoUdp),
      Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, kProtoSctp),
      Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, kProtoIcmp),
      Match()
          .Ip(IpFamily::kIPv4)
          .CtState({.set = kCtTrk, .clear = kCtInv})
          .Exact(Field::kCtNwProto, kProtoTcp)};
  std::vector<Flow> flows;
  for (const Match& base : bases) {
    for (size_t i = 0; i < kFieldCount; ++i) {
      const auto field = static_cast<Field>(i);
      const Bits full = FullMask(field);
      for (const Bits& mask : {full, Bits{0, 1}, full << 1 & full, full >> 1, Bits{0, 0x1fff}}) {
        for (const Bits& value : {Bits{}, full, full >> 1, Bits{0, 1}, Bits{0, 0x0800}}) {
          Match match = base;
          flows.push_back({{1, 1, match.Masked(field, value, mask)}, {}});
        }
      }
    }
  }
  return flows;
}

size_t ComparesEqual(const std::vector<Flow>& flows) {
  size_t plain = 0;
  for (const Flow& flow : flows) {
    for (const FlowBody* body : {&flow.body, static_cast<const FlowBody*>(nullptr)}) {
      Message ours = {1, 2, 3};
      if (AppendPlain(kXid, flow.key, body, ours) == Plain::kNo) {
        EXPECT_EQ(ours.size(), 3u) << "something was left behind";
        continue;
      }
      ++plain;
      const Result<Message> theirs = EncodeByLibrary(kXid, flow.key, body);
      EXPECT_TRUE(theirs.ok()) << ToString(flow) << ": " << theirs.error().message();
      ours.erase(ours.begin(), ours.begin() + 3);
      EXPECT_EQ(ours, theirs.ok() ? *theirs : Message()) << ToString(flow);
    }
  }
  return plain;
}

TEST(PlainFlowTest, IsWrittenAsLibopenvswitchDoes) {
  EXPECT_GT(ComparesEqual(ManyFlows()), 1'000u);
  EXPECT_GT(ComparesEqual(EveryFieldMasked()), 1'000u);
}

TEST(PlainFlowTest, NearlyAllKindsOfMatchesArePlain) {
  size_t plain = 0;
  for (const SampleFlow& sample : MatchSamples()) {
    Message out;
    if (AppendPlain(kXid, sample.flow.key, &sample.flow.body, out) == Plain::kYes) ++plain;
  }
  EXPECT_GE(plain, MatchSamples().size() / 2);
}

// Entry by libopenvswitch: with a timeout it is not plain, and has one Foreign action more.
Flow ReadByLibrary(const Message& flow_mod) {
  const Message reply = StatsReply({StatsEntry(flow_mod, {.idle_timeout = 5})});
  ObservedFlow observed = std::get<FlowStats>(Decode(reply).value()).flows.at(0);
  EXPECT_FALSE(observed.raw.has_value());
  observed.flow.body.actions.pop_back();
  return observed.flow;
}

TEST(PlainFlowTest, IsReadAsLibopenvswitchDoes) {
  size_t plain = 0;
  for (const Flow& flow : ManyFlows()) {
    const Result<Message> sent = EncodeByLibrary(kXid, flow.key, &flow.body);
    if (!sent.ok()) continue;
    const std::optional<Flow> read = ReadPlainFlow(StatsEntry(*sent));
    if (!read) continue;
    ++plain;
    EXPECT_EQ(*read, flow) << ToString(flow) << " read as " << ToString(*read);
    EXPECT_EQ(*read, ReadByLibrary(*sent)) << ToString(flow);
  }
  EXPECT_GT(plain, 1'000u);
}

// Any bit of an entry turned over: what is still plain is the flow that libopenvswitch reads.
TEST(PlainFlowTest, IsReadAsLibopenvswitchDoesWithEveryFlippedBit) {
  for (const SampleFlow& sample : AllSamples()) {
    const Message good =
        StatsEntry(EncodeByLibrary(kXid, sample.flow.key, &sample.flow.body).value());
    for (size_t bit = 16; bit < good.size() * 8; ++bit) {
      Message bad = good;
      bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
      const std::optional<Flow> read = ReadPlainFlow(bad);
      if (!read) continue;
      bad[9] = 5;  // the timeout: libopenvswitch reads it
      const Result<Received> theirs = Decode(StatsReply({bad}));
      ASSERT_TRUE(theirs.ok()) << sample.text << ", bit " << bit;
      ObservedFlow observed = std::get<FlowStats>(*theirs).flows.at(0);
      ASSERT_FALSE(observed.flow.body.actions.empty());
      observed.flow.body.actions.pop_back();
      EXPECT_EQ(observed, (ObservedFlow{*read, std::nullopt})) << sample.text << ", bit " << bit;
    }
  }
}

// Only whole actions and instructions can be missing unseen: an entry says how long it is.
TEST(PlainFlowTest, WhatIsCutShortIsNotReadBeyondItsEnd) {
  for (const SampleFlow& sample : AllSamples()) {
    const Message good =
        StatsEntry(EncodeByLibrary(kXid, sample.flow.key, &sample.flow.body).value());
    for (size_t size = 0; size < good.size(); ++size) {
      const Message cut(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
      const std::optional<Flow> read = ReadPlainFlow(cut);
      EXPECT_LE(read ? read->body.actions.size() : 0, sample.flow.body.actions.size());
    }
  }
}

}  // namespace
}  // namespace sluice::ofctl
