// Answers of ofproto/trace, as Open vSwitch 3.1 prints them.
#include "agent/ctl/trace_answer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ctl {
namespace {

using testing::HasSubstr;
using Fate = TraceAnswer::Fate;

constexpr char kFromPort[] = R"(Flow: tcp,in_port=sluweb,nw_src=10.0.0.1,nw_dst=10.0.0.2,tp_dst=80

bridge("br-int")
-------------
 0. in_port=sluweb, priority 100
    set_field:0x1/0xf->reg0
    goto_table:10
20. ip, priority 100
    ct(table=30,zone=4)
    drop
     -> A clone of the packet is forked to recirculate. The forked pipeline will be resumed at table 30.

Final flow: tcp,reg0=0x1,in_port=sluweb
Megaflow: recirc_id=0,eth,ip,in_port=sluweb,nw_frag=no
Datapath actions: ct(zone=4),recirc(0x4)

===============================================================================
recirc(0x4) - resume conntrack with default ct_state=trk|new (use --ct-next to customize)
===============================================================================

bridge("br-int")
-------------
    thaw
        Resuming from table 30
30. No match.
    drop

Final flow: unchanged
Megaflow: recirc_id=0x4,eth,ip,in_port=sluweb,nw_frag=no
Datapath actions: drop
)";

constexpr char kCommitted[] = R"(bridge("br-int")
-------------
    set_field:0x1/0xf->reg0
    resubmit(,30)
90. ct_state=+new-rel+trk,ip, priority 100, cookie 0x100000000000000
    ct(commit,zone=4,exec(move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[0..31]))
    goto_table:100
100. ip, priority 100, cookie 0x100000000000000
    output:NXM_NX_REG1[]
Final flow: tcp,reg0=0x1
Megaflow: recirc_id=0,ct_state=+new-rel-inv+trk,eth,ip,in_port=sluweb,nw_frag=no
Datapath actions: set(eth(src=0a:58:0a:f4:00:01,dst=0a:58:0a:f4:00:02)),ct(commit,zone=4,label=0x1),sludb
)";

constexpr char kOutput[] =
    "100. ip, priority 100\n    output:NXM_NX_REG1[]\n"
    "Datapath actions: set(eth(src=0a:58:0a:f4:00:01,dst=0a:58:0a:f4:00:02)),sludb\n";

constexpr char kDropped[] =
    "80. priority 0, cookie 0x100000000000000\n    goto_table:85\n"
    "85. ct_state=-inv+trk,ip,reg6=0x3d5b3f, priority 100, cookie 0x50100003d5b3f\n    "
    "goto_table:110\n"
    "110. pkt_mark=0/0x2, priority 200, cookie 0x100000000000000\n    drop\n"
    "Datapath actions: drop\n";

TraceAnswer Read(const char* reply) {
  const auto answer = ReadTrace(reply);
  EXPECT_TRUE(answer.ok()) << answer.error().message();
  return *answer;
}

TEST(TraceAnswerTest, TheFirstPassIsRead) {
  EXPECT_EQ(Read(kFromPort).fate, Fate::kConntrack);
  EXPECT_EQ(Read(kFromPort).last_flow, "20. ip, priority 100");
  EXPECT_EQ(Read(kCommitted).fate, Fate::kOutput);
  EXPECT_EQ(Read(kCommitted).port, "sludb");
  EXPECT_EQ(Read(kOutput).fate, Fate::kOutput);
  EXPECT_EQ(Read(kOutput).port, "sludb");
  EXPECT_EQ(Read(kDropped).fate, Fate::kDropped);
}

TEST(TraceAnswerTest, WhatIsNoTraceIsAnError) {
  EXPECT_FALSE(ReadTrace("").ok());
  EXPECT_FALSE(ReadTrace("unknown bridge").ok());
  EXPECT_FALSE(ReadTrace("Datapath actions: userspace(pid=0)\n").ok());
}

TEST(TraceAnswerTest, AConnectionIsAllowedWhenItOpensAndGoesOn) {
  const SwitchVerdict verdict =
      VerdictOf({Read(kFromPort), Read(kCommitted), Read(kOutput)}, "sludb");
  EXPECT_EQ(verdict.verdict, "allowed");
  EXPECT_EQ(verdict.words, "a packet leaves by sludb");
  // SCTP on the userspace datapath is not committed.
  EXPECT_EQ(VerdictOf({Read(kFromPort), Read(kOutput), Read(kOutput)}, "sludb").verdict, "allowed");
}

TEST(TraceAnswerTest, ADropNamesTheFlow) {
  const SwitchVerdict verdict =
      VerdictOf({Read(kFromPort), Read(kDropped), Read(kDropped)}, "sludb");
  EXPECT_EQ(verdict.verdict, "denied");
  EXPECT_EQ(verdict.words,
            "a packet is dropped at 85. ct_state=-inv+trk,ip,reg6=0x3d5b3f, priority 100, cookie "
            "0x50100003d5b3f");
}

TEST(TraceAnswerTest, AClosedGateDenies) {
  const SwitchVerdict verdict =
      VerdictOf({Read(kDropped), Read(kCommitted), Read(kOutput)}, "sludb");
  EXPECT_EQ(verdict.verdict, "denied");
  EXPECT_THAT(verdict.words, HasSubstr("before conntrack"));
}

TEST(TraceAnswerTest, AnswersThatDoNotGoTogetherAreNoVerdict) {
  EXPECT_EQ(VerdictOf({Read(kFromPort), Read(kDropped), Read(kOutput)}, "sludb").verdict,
            "unknown");
  EXPECT_EQ(VerdictOf({Read(kFromPort), Read(kCommitted), Read(kDropped)}, "sludb").verdict,
            "unknown");
  const SwitchVerdict elsewhere =
      VerdictOf({Read(kFromPort), Read(kCommitted), Read(kOutput)}, "slubatch");
  EXPECT_EQ(elsewhere.verdict, "unknown");
  EXPECT_THAT(elsewhere.words, HasSubstr("a later one leaves by sludb; one of an allowed "
                                         "connection leaves by slubatch"));
}

}  // namespace
}  // namespace sluice::ctl
