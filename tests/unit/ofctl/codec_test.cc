#include "ofctl/codec.h"

#include <gmock/gmock.h>

#include <cstring>

#include "tests/unit/ofctl/dump_entries.h"
#include "tests/unit/ofctl/sample_flows.h"

namespace sluice::ofctl {
namespace {

using ::testing::HasSubstr;

constexpr Xid kXid = kStatsXid;

FlowStats Stats(const Message& reply) { return std::get<FlowStats>(Decode(reply).value()); }

TEST(CodecTest, DumpedFlowEqualsTheFlowThatWasSent) {
  for (const SampleFlow& sample : AllSamples()) {
    const Result<Message> sent = EncodeAdd(kXid, sample.flow);
    ASSERT_TRUE(sent.ok()) << sent.error().message();

    const FlowStats stats = Stats(StatsReply({StatsEntry(*sent)}));

    ASSERT_EQ(stats.flows.size(), 1u) << sample.text;
    EXPECT_EQ(stats.flows[0].flow, sample.flow)
        << ToString(stats.flows[0].flow) << " for " << sample.text;
    EXPECT_FALSE(stats.flows[0].raw.has_value()) << sample.text;
  }
}

TEST(CodecTest, StatsReplyHoldsAllItsFlowsAndWhetherMoreFollow) {
  std::vector<Message> entries;
  for (const SampleFlow& sample : AllSamples()) {
    entries.push_back(StatsEntry(EncodeAdd(kXid, sample.flow).value()));
  }
  EXPECT_EQ(Stats(StatsReply(entries)).flows.size(), entries.size());
  EXPECT_EQ(Stats(StatsReply(entries)).xid, kXid);
  EXPECT_EQ(Stats(StatsReply(entries, 0)).more, FlowStats::More::kNo);
  EXPECT_EQ(Stats(StatsReply(entries, 1)).more, FlowStats::More::kYes);
}

TEST(CodecTest, TimeoutsFlagsAndImportanceMakeAFlowForeign) {
  const Flow flow{{1, 2, Match()}, {0, {Output{1}}}};
  const Message sent = EncodeAdd(kXid, flow).value();
  for (const StatsExtra& extra :
       {StatsExtra{.idle_timeout = 5}, StatsExtra{.flags = 1}, StatsExtra{.importance = 9}}) {
    const ObservedFlow observed = Stats(StatsReply({StatsEntry(sent, extra)})).flows.at(0);
    EXPECT_EQ(observed.flow.key, flow.key);
    EXPECT_NE(observed.flow.body, flow.body);
    EXPECT_FALSE(observed.raw.has_value());
  }
}

TEST(CodecTest, UnreadableMatchIsKeptSoThatTheFlowCanBeDeleted) {
  // given an entry whose match begins with a field of an unknown experimenter
  Message entry = StatsEntry(
      EncodeAdd(kXid, {{7, 9, Match().Exact(Field::kPktMark, 1)}, {0, {Output{1}}}}).value());
  entry[24 + 4] = 0x7f;

  const ObservedFlow observed = Stats(StatsReply({entry})).flows.at(0);

  EXPECT_EQ(observed.flow.key, (FlowKey{7, 9, Match()}));
  ASSERT_EQ(observed.flow.body.actions.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<Foreign>(observed.flow.body.actions[0]));
  ASSERT_TRUE(observed.raw.has_value());
  const Message removal = EncodeDelete(kXid, *observed.raw);
  EXPECT_EQ(removal.at(24), 7);  // table
  EXPECT_EQ(removal.at(25), 4);  // OFPFC_DELETE_STRICT
  EXPECT_EQ(Read16(removal, 30), 9);
  const size_t match = removal.size() - 48;
  EXPECT_EQ(0, std::memcmp(&removal[48], &entry[24], match));
  EXPECT_EQ(match, 16u);
}

TEST(CodecTest, RefusesAMatchThatWouldBeSentWider) {
  const auto refused = [](const Match& match) {
    const Result<Message> sent = EncodeAdd(kXid, {{60, 5, match}, {}});
    return sent.ok() ? "" : sent.error().message();
  };
  // no EtherType: libopenvswitch would leave nw_src out
  EXPECT_THAT(refused(Match().Exact(Field::kNwSrc, 1)), HasSubstr("table=60, priority=5,nw_src"));
  EXPECT_NE(refused(Match().Ip(IpFamily::kIPv4).Exact(Field::kTpDst, 80)), "");
  EXPECT_NE(refused(Match().Ip(IpFamily::kIPv6).Exact(Field::kNwSrc, 1)), "");
  EXPECT_NE(refused(Match().EthType(kEthTypeArp).Exact(Field::kNwSrc, 1)), "");
  EXPECT_NE(refused(Match().Exact(Field::kCtNwProto, 0)), "");
  EXPECT_NE(refused(Match().Exact(Field::kVlanTci, 0)), "");
  EXPECT_NE(refused(Match().Masked(Field::kConjId, {0, 1}, {0, 1})), "");
  EXPECT_NE(refused(Match().Exact(Field::kInPort, 70000)), "");
  EXPECT_EQ(refused(Match().Ip(IpFamily::kIPv4).Exact(Field::kNwSrc, 1)), "");
}

TEST(CodecTest, RefusesActionsThatNoMessageCanSay) {
  const auto refused = [](const Action& action) {
    return !EncodeAdd(kXid, {{1, 1, Match()}, {0, {action}}}).ok();
  };
  EXPECT_TRUE(refused(Foreign{"resubmit(,3)"}));
  EXPECT_TRUE(refused(Output{70000}));
  EXPECT_TRUE(refused(Conjunction{1, 0, 2}));
  EXPECT_TRUE(refused(SetField{{Field::kReg0, 0, 3}, {0, 16}}));
  EXPECT_TRUE(refused(SetField{{Field::kReg0, 30, 33}, {0, 1}}));
  EXPECT_TRUE(refused(MoveField{Whole(Field::kReg0), {Field::kReg1, 0, 15}}));
  EXPECT_TRUE(refused(Resubmit{255}));
  EXPECT_TRUE(refused(Learn{.table = 255, .specs = {}}));
  const auto learning = [&](const Learn::Spec& spec) {
    return refused(Learn{.table = 1, .specs = {spec}});
  };
  EXPECT_TRUE(learning(Learn::LoadValue{{Field::kReg0, 0, 3}, {0, 16}}));
  EXPECT_TRUE(learning(Learn::MatchValue{{Field::kReg0, 30, 33}, {0, 1}}));
  EXPECT_TRUE(learning(Learn::MatchField{{Field::kReg0, 0, 3}, {Field::kReg1, 0, 15}}));
  EXPECT_FALSE(learning(Learn::MatchField{{Field::kReg0, 0, 3}, {Field::kReg1, 4, 7}}));
  EXPECT_FALSE(refused(SetField{{Field::kReg0, 0, 3}, {0, 15}}));
}

Flow FlowOfConjunctions(uint32_t count) {
  Flow flow{{60, 1, Match()}, {}};
  for (uint32_t id = 1; id <= count; ++id) flow.body.actions.emplace_back(Conjunction{id, 1, 2});
  return flow;
}

TEST(CodecTest, RefusesAMessageThatIsTooLongAndNamesTheFlow) {
  // 16 bytes of header, 40 of flow_mod, 8 of match, 8 of instruction, 16 for each conjunction
  const Result<Message> longest = EncodeAdd(kXid, FlowOfConjunctions(4091));
  ASSERT_TRUE(longest.ok()) << longest.error().message();
  EXPECT_EQ(longest->size(), Read16(*longest, 2));
  const Result<Message> too_long = EncodeAdd(kXid, FlowOfConjunctions(4092));
  ASSERT_FALSE(too_long.ok());
  EXPECT_THAT(too_long.error().message(), HasSubstr("table=60, priority=1"));

  Message out;
  EXPECT_FALSE(AppendBundleAdd({1}, *longest, out).ok());
  EXPECT_TRUE(out.empty());
  EXPECT_TRUE(AppendBundleAdd({1}, EncodeAdd(kXid, FlowOfConjunctions(4000)).value(), out).ok());
  EXPECT_EQ(out.size(), Read16(out, 2));
}

TEST(CodecTest, BundledMessageKeepsItsXid) {
  const Message flow = EncodeAdd(kXid, FlowOfConjunctions(1)).value();
  Message out;
  ASSERT_TRUE(AppendBundleAdd({0x01020304}, flow, out).ok());
  EXPECT_EQ(out[1], 34);  // OFPT_BUNDLE_ADD_MESSAGE
  EXPECT_EQ(Message(out.begin() + 4, out.begin() + 8), Message(flow.begin() + 4, flow.begin() + 8));
  EXPECT_EQ(Message(out.begin() + 8, out.begin() + 16), (Message{1, 2, 3, 4, 0, 0, 0, 3}));
  EXPECT_EQ(Message(out.begin() + 16, out.end()), flow);
}

TEST(CodecTest, HelloOffersAndFindsVersion15) {
  const Message hello = EncodeHello(kXid);
  EXPECT_EQ(std::get<Hello>(Decode(hello).value()).speaks_15, Hello::Speaks15::kYes);
  Message other = hello;  // the bitmap says 1.0 only
  other[15] = 0x02;
  EXPECT_EQ(std::get<Hello>(Decode(other).value()).speaks_15, Hello::Speaks15::kNo);
}

TEST(CodecTest, EchoReplyRepeatsTheRequest) {
  Message request = EncodeEchoRequest(kXid);
  request.push_back(0xaa);
  request[3] = 9;
  ASSERT_TRUE(std::holds_alternative<EchoRequest>(Decode(request).value()));
  Message reply = EncodeEchoReply(request);
  EXPECT_TRUE(std::holds_alternative<EchoReply>(Decode(reply).value()));
  reply[1] = request[1];
  EXPECT_EQ(reply, request);
}

TEST(CodecTest, ErrorHasNameAndXid) {
  // OFPET_BAD_ACTION, OFPBAC_BAD_OUT_PORT, and the start of the message it is about
  const Message error = {6, 1, 0, 20, 0, 0, 0, 77, 0, 2, 0, 4, 6, 14, 0, 8, 0, 0, 0, 77};
  const SwitchError decoded = std::get<SwitchError>(Decode(error).value());
  EXPECT_EQ(decoded.xid, kXid);
  EXPECT_THAT(decoded.text, HasSubstr("OFPBAC_BAD_OUT_PORT"));
}

TEST(CodecTest, HostileMessagesAreErrors) {
  Message good = StatsReply({StatsEntry(EncodeAdd(kXid, FlowOfConjunctions(2)).value())});
  EXPECT_FALSE(Decode({}).ok());
  EXPECT_FALSE(Decode({6, 0, 0, 8}).ok());
  EXPECT_FALSE(Decode({4, 21, 0, 8, 0, 0, 0, 1}).ok());  // a barrier reply of OpenFlow 1.3
  for (const int length : {0, 8, 23, 255}) {
    Message bad = good;
    bad[17] = static_cast<uint8_t>(length);  // of the entry
    EXPECT_FALSE(Decode(bad).ok()) << length;
  }
  Message bad = good;
  bad[16 + 24 + 2] = 0xff;  // length of the match
  EXPECT_FALSE(Decode(bad).ok());
}

// Any bit turned over gives an error or a flow, never a crash (run with sanitizers).
TEST(CodecTest, SurvivesEveryFlippedBit) {
  for (const SampleFlow& sample : AllSamples()) {
    const Message good = StatsReply({StatsEntry(EncodeAdd(kXid, sample.flow).value())});
    for (size_t bit = 32; bit < good.size() * 8; ++bit) {
      Message bad = good;
      bad[bit / 8] = static_cast<uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
      static_cast<void>(Decode(bad).ok());
    }
  }
}

}  // namespace
}  // namespace sluice::ofctl
