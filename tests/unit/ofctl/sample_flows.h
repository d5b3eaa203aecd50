// One flow of each kind that Sluice can say, with the line that ovs-ofctl prints for it. Keys are
// distinct, so that all of them can be installed together.
#pragma once

#include <string>
#include <vector>

#include "ofctl/flow.h"

namespace sluice::ofctl {

struct SampleFlow {
  Flow flow;
  std::string text;
};

inline Cidr SampleCidr(const char* text) { return ParseCidr(text).value(); }
inline MacAddress SampleMac(const char* text) { return ParseMac(text).value(); }

inline std::vector<SampleFlow> MatchSamples() {
  const auto v4 = [] { return Match().Ip(IpFamily::kIPv4); };
  const auto v6 = [] { return Match().Ip(IpFamily::kIPv6); };
  const auto tracked = [] { return Match().CtState({.set = kCtTrk, .clear = kCtInv}); };
  const MacAddress mac = SampleMac("0a:00:00:00:00:01");
  struct Row {
    Match match;
    const char* text;
  };
  const std::vector<Row> rows = {
      {Match(), ""},
      {Match().InPort(OfPort{7}), "in_port=7"},
      {Match().InPort(OfPort{kPortLocal}), "in_port=LOCAL"},
      {Match().Exact(Field::kConjId, 12), "conj_id=12"},
      {Match().Exact(Field::kPktMark, 0x10), "pkt_mark=0x10"},
      {Match().Masked(Field::kPktMark, {0, 0x10}, {0, 0xf0}), "pkt_mark=0x10/0xf0"},
      {v4().CtState({.set = kCtNew | kCtTrk}), "ct_state=+new+trk,ip"},
      {v4().CtState({.set = kCtTrk | kCtEst, .clear = kCtRpl | kCtInv}),
       "ct_state=+est-rpl-inv+trk,ip"},
      {v4().CtState({.clear = kCtTrk}), "ct_state=-trk,ip"},
      {v4().CtState({.set = kCtTrk}).Exact(Field::kCtMark, 9), "ct_state=+trk,ct_mark=0x9,ip"},
      {v4().Masked(Field::kCtLabel, {0x1200000000000000, 5}, {0xff00000000000000, 0xf}),
       "ct_label=0x12000000000000000000000000000005/0xff00000000000000000000000000000f,ip"},
      {v4().Masked(Field::kCtLabel, {0, 5}, {~uint64_t{0}, ~uint64_t{0}}), "ct_label=0x5,ip"},
      {tracked().Ip(IpFamily::kIPv4).Prefix(Field::kCtNwSrc, SampleCidr("10.1.0.0/16")),
       "ct_state=-inv+trk,ct_nw_src=10.1.0.0/16,ip"},
      {tracked()
           .Ip(IpFamily::kIPv4)
           .Prefix(Field::kCtNwDst, SampleCidr("10.1.2.3/32"))
           .Exact(Field::kCtNwProto, kProtoTcp)
           .Exact(Field::kCtTpDst, 443),
       "ct_state=-inv+trk,ct_nw_dst=10.1.2.3,ct_nw_proto=6,ct_tp_dst=443,ip"},
      {tracked()
           .Ip(IpFamily::kIPv4)
           .Exact(Field::kCtNwProto, kProtoUdp)
           .Masked(Field::kCtTpDst, {0, 0x1000}, {0, 0xf000}),
       "ct_state=-inv+trk,ct_nw_proto=17,ct_tp_dst=0x1000/0xf000,ip"},
      {tracked()
           .Ip(IpFamily::kIPv6)
           .Prefix(Field::kCtIpv6Src, SampleCidr("fd00::/64"))
           .Prefix(Field::kCtIpv6Dst, SampleCidr("fd00:0:0:1::7/128")),
       "ct_state=-inv+trk,ct_ipv6_src=fd00::/64,ct_ipv6_dst=fd00:0:0:1::7,ipv6"},
      {Match().Exact(Field::kReg5, 0), "reg5=0"},
      {Match().Exact(Field::kReg0, 0xffffffff).Exact(Field::kReg7, 3), "reg0=0xffffffff,reg7=0x3"},
      {Match().Bits32({Field::kReg1, 4, 7}, 3), "reg1=0x30/0xf0"},
      {v4().Exact(Field::kReg5, 3).InPort(OfPort{2}), "ip,reg5=0x3,in_port=2"},
      {Match().Masked(Field::kVlanTci, {0, 0}, {0, 0x1fff}), "vlan_tci=0x0000/0x1fff"},
      {Match().Masked(Field::kVlanTci, {0, 0x1000}, {0, 0x1000}), "vlan_tci=0x1000/0x1000"},
      {Match().Mac(Field::kEthSrc, mac).Mac(Field::kEthDst, SampleMac("ff:ff:ff:ff:ff:ff")),
       "dl_src=0a:00:00:00:00:01,dl_dst=ff:ff:ff:ff:ff:ff"},
      {Match().Masked(Field::kEthDst, {0, 0x010000000000}, {0, 0x010000000000}),
       "dl_dst=01:00:00:00:00:00/01:00:00:00:00:00"},
      {Match().EthType(0x88cc), "dl_type=0x88cc"},
      {v4().Prefix(Field::kNwSrc, SampleCidr("10.0.0.0/8")), "ip,nw_src=10.0.0.0/8"},
      {v4().Prefix(Field::kNwDst, SampleCidr("10.0.0.9/32")), "ip,nw_dst=10.0.0.9"},
      {v4().Masked(Field::kNwDst, {0, 0x0a000001}, {0, 0xff0000ff}),
       "ip,nw_dst=10.0.0.1/255.0.0.255"},
      {v4().Exact(Field::kNwProto, 47), "ip,nw_proto=47"},
      {v4().Exact(Field::kNwProto, kProtoIcmp), "icmp"},
      {v4().Exact(Field::kNwProto, kProtoIcmp).Exact(Field::kTpSrc, 8).Exact(Field::kTpDst, 0),
       "icmp,icmp_type=8,icmp_code=0"},
      {v4().Exact(Field::kNwFrag, kFragAny | kFragLater), "ip,nw_frag=later"},
      {v4().Exact(Field::kNwFrag, kFragAny), "ip,nw_frag=first"},
      {v4().Exact(Field::kNwFrag, 0), "ip,nw_frag=no"},
      {v4().Masked(Field::kNwFrag, {0, kFragAny}, {0, kFragAny}), "ip,nw_frag=yes"},
      {v4().Masked(Field::kNwFrag, {0, 0}, {0, kFragLater}), "ip,nw_frag=not_later"},
      {v4().Exact(Field::kNwProto, kProtoTcp).Exact(Field::kTpDst, 80), "tcp,tp_dst=80"},
      {v4().Exact(Field::kNwProto, kProtoUdp).Exact(Field::kTpSrc, 53), "udp,tp_src=53"},
      {v4().Exact(Field::kNwProto, kProtoSctp).Masked(Field::kTpDst, {0, 0x100}, {0, 0xff00}),
       "sctp,tp_dst=0x100/0xff00"},
      {v4().Exact(Field::kNwProto, kProtoSctp).Masked(Field::kTpDst, {0, 0}, {0, 0xff00}),
       "sctp,tp_dst=0x0/0xff00"},
      {v6().Exact(Field::kNwProto, kProtoTcp), "tcp6"},
      {v6().Exact(Field::kNwProto, kProtoUdp).Exact(Field::kTpDst, 53), "udp6,tp_dst=53"},
      {v6().Exact(Field::kNwProto, 58).Exact(Field::kTpSrc, 135), "icmp6,icmp_type=135"},
      {v6().Exact(Field::kNwProto, kProtoIcmpV6)
           .Exact(Field::kTpSrc, kNdNeighborSolicit)
           .Exact(Field::kTpDst, 0)
           .Exact(Field::kNwTtl, 255)
           .Exact(Field::kNwFrag, 0)
           .Prefix(Field::kNdTarget, SampleCidr("fd00::1/128"))
           .Mac(Field::kNdSll, mac),
       "icmp6,nw_ttl=255,nw_frag=no,icmp_type=135,icmp_code=0,nd_target=fd00::1,"
       "nd_sll=0a:00:00:00:00:01"},
      {v6().Exact(Field::kNwProto, kProtoIcmpV6)
           .Exact(Field::kTpSrc, kNdNeighborAdvert)
           .Exact(Field::kTpDst, 0)
           .Prefix(Field::kNdTarget, SampleCidr("fd00::/64"))
           .Mac(Field::kNdTll, SampleMac("00:00:00:00:00:00")),
       "icmp6,icmp_type=136,icmp_code=0,nd_target=fd00::/64,nd_tll=00:00:00:00:00:00"},
      {v6().Exact(Field::kNwProto, 0), "ipv6,nw_proto=0"},
      {v4().Exact(Field::kNwTtl, 1), "ip,nw_ttl=1"},
      {v6().Prefix(Field::kIpv6Src, SampleCidr("fe80::/10")), "ipv6,ipv6_src=fe80::/10"},
      {v6().Prefix(Field::kIpv6Dst, SampleCidr("fd00::1/128")), "ipv6,ipv6_dst=fd00::1"},
      {Match().EthType(kEthTypeArp), "arp"},
      {Match()
           .EthType(kEthTypeArp)
           .InPort(OfPort{3})
           .Exact(Field::kArpOp, kArpRequest)
           .Prefix(Field::kArpSpa, SampleCidr("10.0.0.2/32"))
           .Prefix(Field::kArpTpa, SampleCidr("10.0.0.0/24"))
           .Mac(Field::kArpSha, mac)
           .Mac(Field::kArpTha, SampleMac("00:00:00:00:00:00")),
       "arp,in_port=3,arp_spa=10.0.0.2,arp_tpa=10.0.0.0/24,arp_op=1,arp_sha=0a:00:00:00:00:01,"
       "arp_tha=00:00:00:00:00:00"},
  };
  std::vector<SampleFlow> samples;
  for (const Row& row : rows) {
    const std::string match = row.text;
    samples.push_back(
        {{{1, 10, row.match}, {}},
         "table=1, priority=10" + (match.empty() ? "" : "," + match) + " actions=drop"});
  }
  return samples;
}

inline std::vector<SampleFlow> ActionSamples() {
  const SubField low{Field::kReg0, 0, 15};
  const SubField label{Field::kCtLabel, 64, 95};
  struct Row {
    Actions actions;
    const char* text;
  };
  Ct tracking;
  tracking.zone = 65520;
  tracking.table = 30;
  Ct marking;
  marking.commit = CtCommit::kYes;
  marking.zone = 5;
  marking.exec = {SetField{Whole(Field::kCtMark), {0, 1}},
                  SetField{{Field::kCtLabel, 0, 31}, {0, 7}},
                  MoveField{Whole(Field::kReg3), label}};
  const std::vector<Row> rows = {
      {{}, "drop"},
      {{Output{4}}, "output:4"},
      {{Output{kPortLocal}}, "LOCAL"},
      {{Output{kPortInPort}}, "IN_PORT"},
      {{OutputField{Whole(Field::kReg2)}}, "output:NXM_NX_REG2[]"},
      {{OutputField{low}}, "output:NXM_NX_REG0[0..15]"},
      {{GotoTable{9}}, "goto_table:9"},
      {{Resubmit{25}, GotoTable{26}}, "resubmit(,25),goto_table:26"},
      {{MoveField{Whole(Field::kNwSrc), {Field::kXxReg3, 0, 31}}},
       "move:NXM_OF_IP_SRC[]->NXM_NX_XXREG3[0..31]"},
      {{Learn{.table = 25, .specs = {}}}, "learn(table=25,priority=0)"},
      {{Learn{.table = 25,
              .priority = 0x8000,
              .idle_timeout = 60,
              .cookie = 7,
              .specs = {Learn::MatchField{Whole(Field::kEthSrc), Whole(Field::kEthSrc)},
                        Learn::MatchValue{low, {0, 0}}, Learn::LoadValue{low, {0, 0}}}}},
       "learn(table=25,idle_timeout=60,cookie=0x7,NXM_OF_ETH_SRC[],NXM_NX_REG0[0..15]=0,"
       "load:0->NXM_NX_REG0[0..15])"},
      {{SetField{Whole(Field::kReg6), {0, 0}}, GotoTable{9}}, "set_field:0->reg6,goto_table:9"},
      {{SetField{Whole(Field::kReg6), {0, 0x1f}}}, "set_field:0x1f->reg6"},
      {{SetField{{Field::kReg6, 4, 7}, {0, 3}}}, "set_field:0x30/0xf0->reg6"},
      {{SetField{{Field::kReg6, 31, 31}, {0, 1}}}, "set_field:0x80000000/0x80000000->reg6"},
      {{SetField{Whole(Field::kPktMark), {0, 2}}}, "set_field:0x2->pkt_mark"},
      {{SetField{Whole(Field::kEthDst), {0, 0x0a0000000001}}},
       "set_field:0a:00:00:00:00:01->eth_dst"},
      {{SetField{Whole(Field::kInPort), {0, 0}}}, "set_field:0->in_port"},
      {{SetField{Whole(Field::kInPort), {0, kPortLocal}}}, "set_field:LOCAL->in_port"},
      {{MoveField{{Field::kInPort, 0, 15}, low}}, "move:OXM_OF_IN_PORT[0..15]->NXM_NX_REG0[0..15]"},
      {{MoveField{Whole(Field::kEthSrc), Whole(Field::kEthDst)}},
       "move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]"},
      {{MoveField{low, {Field::kReg1, 16, 31}}}, "move:NXM_NX_REG0[0..15]->NXM_NX_REG1[16..31]"},
      {{MoveField{{Field::kReg0, 3, 3}, {Field::kReg1, 0, 0}}},
       "move:NXM_NX_REG0[3]->NXM_NX_REG1[0]"},
      {{Conjunction{4000000000, 1, 2}, Conjunction{2, 3, 64}},
       "conjunction(4000000000,1/2),conjunction(2,3/64)"},
      {{tracking}, "ct(table=30,zone=65520)"},
      {{Ct{}}, "ct()"},
      {{marking, Output{1}},
       "ct(commit,zone=5,exec(set_field:0x1->ct_mark,set_field:0x7/0xffffffff->ct_label,"
       "move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[64..95])),output:1"},
  };
  std::vector<SampleFlow> samples;
  for (const Row& row : rows) {
    // Conjunctions may be told apart by register; ct() asks for an IP packet.
    const auto index = static_cast<uint64_t>(samples.size());
    const Match match = Match().Ip(IpFamily::kIPv4).Exact(Field::kReg4, index + 1);
    std::string text = "ip,reg4=0x";
    text += "0123456789abcdef"[(index + 1) / 16];
    text += "0123456789abcdef"[(index + 1) % 16];
    if (index + 1 < 16) text.erase(text.size() - 2, 1);
    samples.push_back({{{2, 0x8000, match}, {0xabc, row.actions}},
                       "cookie=0xabc, table=2, " + text + " actions=" + row.text});
  }
  return samples;
}

// Flows whose ports are a protocol's, an empty match, table 0.
inline std::vector<SampleFlow> OtherSamples() {
  const Match tcp = Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, kProtoTcp);
  const Match udp = Match().Ip(IpFamily::kIPv6).Exact(Field::kNwProto, kProtoUdp);
  const Match arp = Match().EthType(kEthTypeArp);
  const SubField port = Whole(Field::kTpDst);
  return {
      {{{0, 0x8000, Match()}, {0, {GotoTable{10}}}}, "actions=goto_table:10"},
      {{{0, 0, Match()}, {1, {}}}, "cookie=0x1, priority=0 actions=drop"},
      {{{3, 65535, tcp}, {0, {SetField{port, {0, 8080}}}}},
       "table=3, priority=65535,tcp actions=set_field:8080->tcp_dst"},
      {{{3, 1, udp}, {0, {MoveField{port, {Field::kReg0, 0, 15}}}}},
       "table=3, priority=1,udp6 actions=move:NXM_OF_UDP_DST[]->NXM_NX_REG0[0..15]"},
      {{{3, 2, Match().Ip(IpFamily::kIPv4)},
        {0, {SetField{Whole(Field::kNwSrc), {0, 0x0a000001}}}}},
       "table=3, priority=2,ip actions=set_field:10.0.0.1->ip_src"},
      {{{3, 4, Match().Ip(IpFamily::kIPv4).Exact(Field::kNwProto, kProtoSctp)},
        {0,
         {Learn{.table = 25,
                .priority = 100,
                .idle_timeout = 300,
                .cookie = 0x80000000000000a,
                .limit = 4096,
                .specs = {Learn::MatchValue{Whole(Field::kEthType), {0, kEthTypeIPv4}},
                          Learn::MatchValue{Whole(Field::kNwProto), {0, kProtoSctp}},
                          Learn::MatchField{Whole(Field::kNwSrc), Whole(Field::kNwDst)},
                          Learn::MatchField{Whole(Field::kTpSrc), Whole(Field::kTpDst)},
                          Learn::LoadValue{{Field::kReg4, 0, 1}, {0, 3}}}}}}},
       "table=3, priority=4,sctp actions=learn(table=25,idle_timeout=300,priority=100,"
       "cookie=0x80000000000000a,limit=4096,eth_type=0x800,nw_proto=132,"
       "NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],"
       "load:0x3->NXM_NX_REG4[0..1])"},
      {{{3, 5, Match().Ip(IpFamily::kIPv6).Exact(Field::kNwProto, kProtoSctp)},
        {0,
         {Learn{.table = 25,
                .priority = 100,
                .specs = {Learn::MatchValue{Whole(Field::kEthType), {0, kEthTypeIPv6}},
                          Learn::MatchField{Whole(Field::kIpv6Src), Whole(Field::kIpv6Dst)}}},
          MoveField{Whole(Field::kIpv6Src), Whole(Field::kXxReg3)}, GotoTable{9}}}},
       "table=3, priority=5,sctp6 actions=learn(table=25,priority=100,eth_type=0x86dd,"
       "NXM_NX_IPV6_SRC[]=NXM_NX_IPV6_DST[]),move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG3[],"
       "goto_table:9"},
      {{{3, 3, arp},
        {0,
         {SetField{Whole(Field::kArpOp), {0, kArpReply}},
          MoveField{Whole(Field::kArpSha), Whole(Field::kArpTha)}}}},
       "table=3, priority=3,arp actions=set_field:2->arp_op,"
       "move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[]"},
  };
}

inline std::vector<SampleFlow> AllSamples() {
  std::vector<SampleFlow> all = MatchSamples();
  for (const auto& more : {ActionSamples(), OtherSamples()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

}  // namespace sluice::ofctl
