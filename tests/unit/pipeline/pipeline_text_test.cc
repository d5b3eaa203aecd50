// What the renderers write, in the words of `ovs-ofctl --names dump-flows`: what PIPELINE.md shows,
// and what a restarted agent of any release must compute again.
#include <gtest/gtest.h>

#include <algorithm>

#include "agent/pipeline/endpoint_flows.h"
#include "agent/pipeline/policy_flows.h"
#include "agent/pipeline/static_flows.h"
#include "agent/pipeline/tables.h"
#include "tests/fakes/builders.h"

namespace sluice::pipeline {
namespace {

using fakes::EndpointOf;
using fakes::Is;
using fakes::NamespaceOf;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;

const NodePorts kNode{
    {2}, MacAddress({2, 0, 0, 0, 0, 1}), {fakes::Ip("10.0.0.254"), fakes::Ip("fd00::fe:fffe")}};

// The same node on the userspace datapath.
NodePorts NodeOfUserspace() {
  NodePorts node = kNode;
  node.sctp = SctpPorts::kFromHeader;
  return node;
}

// What the userspace datapath has beside that.
std::vector<ofctl::Flow> Beside(const OwnedFlows& common, OwnedFlows userspace) {
  std::erase_if(userspace.flows, [&common](const ofctl::Flow& flow) {
    return std::find(common.flows.begin(), common.flows.end(), flow) != common.flows.end();
  });
  return userspace.flows;
}

// One line a flow, in the order of the pipeline.
std::string TextOf(std::vector<ofctl::Flow> flows) {
  std::sort(flows.begin(), flows.end(), [](const ofctl::Flow& a, const ofctl::Flow& b) {
    if (a.key.table != b.key.table) return a.key.table < b.key.table;
    if (a.key.priority != b.key.priority) return a.key.priority > b.key.priority;
    return a.key.match < b.key.match;
  });
  std::string text = "\n";
  for (const ofctl::Flow& flow : flows) text += ofctl::ToString(flow, NameOf) + "\n";
  return text;
}

// shop/web (10.0.0.1) and shop/db (10.0.0.2) on this node, under one policy.
std::string TextOfPolicy(const store::NetworkPolicy& policy) {
  store::ClusterStore store;
  policy::PolicyEngine engine(store);
  const store::Pod web = PodBuilder("shop", "web").Labels({{"app", "web"}}).Ip("10.0.0.1");
  const store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.0.0.2");
  for (const store::Object& object :
       {NamespaceOf("shop"), store::Object(web), store::Object(db), store::Object(policy)}) {
    engine.Apply(store.Apply(Present(object)));
  }
  engine.Apply(store.PutEndpoint(EndpointOf(web, {10})));
  engine.Apply(store.PutEndpoint(EndpointOf(db, {11})));
  std::vector<ofctl::Flow> flows;
  for (OwnedFlows& owned : RenderChanges(engine, engine.TakeChanges(), kNode.sctp)) {
    for (ofctl::Flow& flow : owned.flows) flows.push_back(std::move(flow));
  }
  return TextOf(std::move(flows));
}

PolicyBuilder ForDb() { return std::move(PolicyBuilder("shop", "db").Selects({Is("app", "db")})); }

TEST(PipelineTextTest, Static) {
  EXPECT_EQ(TextOf(RenderStatic(SctpPorts::kFromConntrack).flows), R"(
cookie=0x100000000000000, table=Classifier, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=200,icmp6,icmp_type=133 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=200,icmp6,icmp_type=134 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=200,icmp6,icmp_type=135 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=200,icmp6,icmp_type=136 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=200,icmp6,icmp_type=137 actions=goto_table:Drop
cookie=0x100000000000000, table=SpoofGuard, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=ArpNd, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=Conntrack, priority=200,ip,nw_proto=0 actions=goto_table:Drop
cookie=0x100000000000000, table=Conntrack, priority=200,ipv6,nw_proto=0 actions=goto_table:Drop
cookie=0x100000000000000, table=Conntrack, priority=100,ip actions=ct(table=ConntrackState,zone=4)
cookie=0x100000000000000, table=Conntrack, priority=100,ipv6 actions=ct(table=ConntrackState,zone=6)
cookie=0x100000000000000, table=Conntrack, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=SctpState, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=200,ct_state=+inv+trk actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=170,ct_state=-rpl-inv+trk,ct_nw_proto=17,ct_tp_src=67,ct_tp_dst=68,ip,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=170,ct_state=-rpl-inv+trk,ct_nw_proto=17,ct_tp_src=547,ct_tp_dst=546,ipv6,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=170,ct_state=+rpl-inv+trk,ct_nw_proto=17,ct_tp_src=68,ct_tp_dst=67,ip,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=170,ct_state=+rpl-inv+trk,ct_nw_proto=17,ct_tp_src=546,ct_tp_dst=547,ipv6,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=150,ct_state=+rel-inv+trk,ip,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=150,ct_state=+rel-inv+trk,ipv6,reg0=0x1/0xf actions=goto_table:Drop
cookie=0x100000000000000, table=ConntrackState, priority=100,ct_state=-inv+trk,ip actions=goto_table:SourceClass
cookie=0x100000000000000, table=ConntrackState, priority=100,ct_state=-inv+trk,ipv6 actions=goto_table:SourceClass
cookie=0x100000000000000, table=ConntrackState, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=SourceClass, priority=0 actions=goto_table:DestinationClass
cookie=0x100000000000000, table=DestinationClass, priority=0 actions=goto_table:EgressRule
cookie=0x100000000000000, table=EgressRule, priority=0 actions=goto_table:EgressDefault
cookie=0x100000000000000, table=EgressDefault, priority=0 actions=goto_table:L3Forward
cookie=0x100000000000000, table=L3Forward, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=IngressRule, priority=1000,ct_state=-inv+trk,ct_mark=0x1/0x1,reg0=0x1/0xf actions=goto_table:Commit
cookie=0x100000000000000, table=IngressRule, priority=1000,reg0=0x3/0xf actions=goto_table:Commit
cookie=0x100000000000000, table=IngressRule, priority=0 actions=goto_table:IngressDefault
cookie=0x100000000000000, table=IngressDefault, priority=0 actions=goto_table:Commit
cookie=0x100000000000000, table=Commit, priority=200,ct_state=+new-rel+trk,ip,reg0=0x3/0xf actions=ct(commit,zone=4,exec(set_field:0x1/0x1->ct_mark,move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[0..31],move:NXM_NX_REG2[]->NXM_NX_CT_LABEL[32..63])),goto_table:Output
cookie=0x100000000000000, table=Commit, priority=200,ct_state=+new-rel+trk,ipv6,reg0=0x3/0xf actions=ct(commit,zone=6,exec(set_field:0x1/0x1->ct_mark,move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[0..31],move:NXM_NX_REG2[]->NXM_NX_CT_LABEL[32..63])),goto_table:Output
cookie=0x100000000000000, table=Commit, priority=100,ct_state=+new-rel+trk,ip actions=ct(commit,zone=4,exec(move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[0..31],move:NXM_NX_REG2[]->NXM_NX_CT_LABEL[32..63])),goto_table:Output
cookie=0x100000000000000, table=Commit, priority=100,ct_state=+new-rel+trk,ipv6 actions=ct(commit,zone=6,exec(move:NXM_NX_REG3[]->NXM_NX_CT_LABEL[0..31],move:NXM_NX_REG2[]->NXM_NX_CT_LABEL[32..63])),goto_table:Output
cookie=0x100000000000000, table=Commit, priority=0 actions=goto_table:Output
cookie=0x100000000000000, table=Output, priority=200,pkt_mark=0/0x4,ip actions=output:NXM_NX_REG1[]
cookie=0x100000000000000, table=Output, priority=200,pkt_mark=0/0x4,ipv6 actions=output:NXM_NX_REG1[]
cookie=0x100000000000000, table=Output, priority=100,ip actions=output:NXM_NX_REG1[]
cookie=0x100000000000000, table=Output, priority=100,ipv6 actions=output:NXM_NX_REG1[]
cookie=0x100000000000000, table=Output, priority=0 actions=goto_table:Drop
cookie=0x100000000000000, table=Drop, priority=200,pkt_mark=0/0x2 actions=drop
cookie=0x100000000000000, table=Drop, priority=0 actions=drop
)");
}

TEST(PipelineTextTest, Node) {
  EXPECT_EQ(TextOf(RenderNode(kNode).flows), R"(
cookie=0x200000000000000, table=Classifier, priority=100,in_port=2,vlan_tci=0x0000/0x1fff actions=set_field:0x2/0xf->reg0,goto_table:SpoofGuard
cookie=0x200000000000000, table=Classifier, priority=100,in_port=LOCAL,vlan_tci=0x0000/0x1fff actions=set_field:0x3/0xf->reg0,goto_table:SpoofGuard
cookie=0x200000000000000, table=SpoofGuard, priority=300,icmp6,in_port=2,dl_src=02:00:00:00:00:01,ipv6_src=fd00::fe:fffe,nw_ttl=255,icmp_type=136,icmp_code=0,nd_target=fd00::fe:fffe actions=goto_table:ArpNd
cookie=0x200000000000000, table=SpoofGuard, priority=100,ip,in_port=2,dl_src=02:00:00:00:00:01 actions=goto_table:Conntrack
cookie=0x200000000000000, table=SpoofGuard, priority=100,arp,in_port=2,dl_src=02:00:00:00:00:01 actions=goto_table:ArpNd
cookie=0x200000000000000, table=SpoofGuard, priority=100,ipv6,in_port=2,dl_src=02:00:00:00:00:01 actions=goto_table:Conntrack
cookie=0x200000000000000, table=SpoofGuard, priority=100,ip,in_port=LOCAL,dl_src=02:00:00:00:00:01 actions=goto_table:Conntrack
cookie=0x200000000000000, table=SpoofGuard, priority=100,arp,in_port=LOCAL,dl_src=02:00:00:00:00:01 actions=goto_table:ArpNd
cookie=0x200000000000000, table=SpoofGuard, priority=100,ipv6,in_port=LOCAL,dl_src=02:00:00:00:00:01 actions=goto_table:Conntrack
cookie=0x200000000000000, table=ArpNd, priority=100,arp,reg0=0x1/0xf,arp_tpa=10.0.0.254,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:02:00:00:00:00:01->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:02:00:00:00:00:01->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.0.0.254->arp_spa,IN_PORT
cookie=0x200000000000000, table=ArpNd, priority=100,icmp6,reg0=0x1/0xf,ipv6_dst=fd00::fe:fffe,icmp_type=135,icmp_code=0,nd_target=fd00::fe:fffe actions=set_field:02:00:00:00:00:01->eth_dst,output:2
cookie=0x200000000000000, table=ArpNd, priority=100,icmp6,reg0=0x1/0xf,ipv6_dst=ff02::1:fffe:fffe,icmp_type=135,icmp_code=0,nd_target=fd00::fe:fffe actions=set_field:02:00:00:00:00:01->eth_dst,output:2
cookie=0x200000000000000, table=L3Forward, priority=100,ip,reg0=0x1/0xf actions=set_field:02:00:00:00:00:01->eth_dst,set_field:0x2->reg1,goto_table:IngressRule
cookie=0x200000000000000, table=L3Forward, priority=100,ipv6,reg0=0x1/0xf actions=set_field:02:00:00:00:00:01->eth_dst,set_field:0x2->reg1,goto_table:IngressRule
)");
}

TEST(PipelineTextTest, Endpoint) {
  const store::Pod web = PodBuilder("shop", "web").Ip("10.0.0.1").Ip("fd00::1");
  const store::EndpointState state{EndpointOf(web, {10}), store::Gate::kOpen};
  EXPECT_EQ(TextOf(RenderEndpoint(state, kNode).flows), R"(
cookie=0x30000000000000a, table=Classifier, priority=100,in_port=10,vlan_tci=0x0000/0x1fff actions=set_field:0x1/0xf->reg0,goto_table:SpoofGuard
cookie=0x30000000000000a, table=SpoofGuard, priority=300,icmp6,in_port=10,dl_src=0a:58:0a:00:00:01,ipv6_src=fd00::1,nw_ttl=255,icmp_type=135,icmp_code=0,nd_sll=0a:58:0a:00:00:01 actions=goto_table:ArpNd
cookie=0x30000000000000a, table=SpoofGuard, priority=200,ip,reg0=0x2/0xf,nw_src=10.0.0.1 actions=goto_table:Drop
cookie=0x30000000000000a, table=SpoofGuard, priority=200,ipv6,reg0=0x2/0xf,ipv6_src=fd00::1 actions=goto_table:Drop
cookie=0x30000000000000a, table=SpoofGuard, priority=100,ip,in_port=10,dl_src=0a:58:0a:00:00:01,nw_src=10.0.0.1 actions=goto_table:Conntrack
cookie=0x30000000000000a, table=SpoofGuard, priority=100,arp,in_port=10,dl_src=0a:58:0a:00:00:01,arp_spa=10.0.0.1,arp_sha=0a:58:0a:00:00:01 actions=goto_table:ArpNd
cookie=0x30000000000000a, table=SpoofGuard, priority=100,ipv6,in_port=10,dl_src=0a:58:0a:00:00:01,ipv6_src=fd00::1 actions=goto_table:Conntrack
cookie=0x30000000000000a, table=ArpNd, priority=100,arp,reg0=0x2/0xf,arp_tpa=10.0.0.1,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:0a:58:0a:00:00:01->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:0a:58:0a:00:00:01->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.0.0.1->arp_spa,IN_PORT
cookie=0x30000000000000a, table=ArpNd, priority=100,icmp6,reg0=0x2/0xf,ipv6_dst=fd00::1,icmp_type=136,icmp_code=0 actions=set_field:0a:58:0a:00:00:01->eth_dst,output:10
cookie=0x30000000000000a, table=ArpNd, priority=100,arp,reg0=0x3/0xf,arp_tpa=10.0.0.1,arp_op=1 actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],set_field:0a:58:0a:00:00:01->eth_src,set_field:2->arp_op,move:NXM_NX_ARP_SHA[]->NXM_NX_ARP_THA[],set_field:0a:58:0a:00:00:01->arp_sha,move:NXM_OF_ARP_SPA[]->NXM_OF_ARP_TPA[],set_field:10.0.0.1->arp_spa,IN_PORT
cookie=0x30000000000000a, table=ConntrackState, priority=160,ct_state=+rel-inv+trk,ct_nw_src=10.0.0.1,ip,reg0=0x1/0xf,nw_src=10.0.0.1 actions=goto_table:SourceClass
cookie=0x30000000000000a, table=ConntrackState, priority=160,ct_state=+rel-inv+trk,ct_ipv6_src=fd00::1,ipv6,reg0=0x1/0xf,ipv6_src=fd00::1 actions=goto_table:SourceClass
cookie=0x30000000000000a, table=ConntrackState, priority=160,ct_state=+rel-inv+trk,ct_nw_dst=10.0.0.1,ip,reg0=0x1/0xf,nw_src=10.0.0.1 actions=goto_table:SourceClass
cookie=0x30000000000000a, table=ConntrackState, priority=160,ct_state=+rel-inv+trk,ct_ipv6_dst=fd00::1,ipv6,reg0=0x1/0xf,ipv6_src=fd00::1 actions=goto_table:SourceClass
cookie=0x30000000000000a, table=L3Forward, priority=200,ip,nw_dst=10.0.0.1 actions=set_field:02:00:00:00:00:01->eth_src,set_field:0a:58:0a:00:00:01->eth_dst,set_field:0xa->reg1,goto_table:IngressRule
cookie=0x30000000000000a, table=L3Forward, priority=200,ipv6,ipv6_dst=fd00::1 actions=set_field:02:00:00:00:00:01->eth_src,set_field:0a:58:0a:00:00:01->eth_dst,set_field:0xa->reg1,goto_table:IngressRule
)");
}

TEST(PipelineTextTest, SctpByHeader) {
  EXPECT_EQ(
      TextOf(Beside(RenderStatic(SctpPorts::kFromConntrack), RenderStatic(SctpPorts::kFromHeader))),
      R"(
cookie=0x100000000000000, table=Conntrack, priority=300,sctp,nw_frag=yes actions=goto_table:Drop
cookie=0x100000000000000, table=Conntrack, priority=300,sctp6,nw_frag=yes actions=goto_table:Drop
cookie=0x100000000000000, table=Conntrack, priority=200,sctp actions=move:NXM_OF_IP_SRC[]->NXM_NX_XXREG3[0..31],move:NXM_OF_IP_DST[]->NXM_NX_XXREG3[0..31],move:OXM_OF_SCTP_SRC[]->NXM_NX_REG7[0..15],move:OXM_OF_SCTP_DST[]->NXM_NX_REG7[0..15],set_field:0/0xffffffff->xxreg3,set_field:0/0xffff->reg7,resubmit(,SctpReply),goto_table:SctpState
cookie=0x100000000000000, table=Conntrack, priority=200,sctp6 actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG3[],move:NXM_NX_IPV6_DST[]->NXM_NX_XXREG3[],move:OXM_OF_SCTP_SRC[]->NXM_NX_REG7[0..15],move:OXM_OF_SCTP_DST[]->NXM_NX_REG7[0..15],set_field:0->xxreg3,set_field:0/0xffff->reg7,resubmit(,SctpReply),goto_table:SctpState
cookie=0x100000000000000, table=SctpState, priority=100,sctp,reg4=0/0x1 actions=ct(table=ConntrackState,zone=132)
cookie=0x100000000000000, table=SctpState, priority=100,sctp6,reg4=0/0x1 actions=ct(table=ConntrackState,zone=132)
cookie=0x100000000000000, table=SctpState, priority=100,sctp,reg4=0x1/0x1 actions=move:NXM_OF_IP_SRC[]->NXM_NX_XXREG3[0..31],move:NXM_OF_IP_DST[]->NXM_OF_IP_SRC[],move:NXM_NX_XXREG3[0..31]->NXM_OF_IP_DST[],ct(table=ConntrackState,zone=132)
cookie=0x100000000000000, table=SctpState, priority=100,sctp6,reg4=0x1/0x1 actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG3[],move:NXM_NX_IPV6_DST[]->NXM_NX_IPV6_SRC[],move:NXM_NX_XXREG3[]->NXM_NX_IPV6_DST[],ct(table=ConntrackState,zone=132)
cookie=0x100000000000000, table=ConntrackState, priority=120,ct_state=-inv+trk,sctp,reg4=0/0x1 actions=move:OXM_OF_SCTP_DST[]->NXM_NX_REG7[0..15],goto_table:SourceClass
cookie=0x100000000000000, table=ConntrackState, priority=120,ct_state=-inv+trk,sctp6,reg4=0/0x1 actions=move:OXM_OF_SCTP_DST[]->NXM_NX_REG7[0..15],goto_table:SourceClass
cookie=0x100000000000000, table=ConntrackState, priority=120,ct_state=-inv+trk,sctp,reg4=0x1/0x1 actions=move:NXM_OF_IP_SRC[]->NXM_NX_XXREG3[0..31],move:NXM_OF_IP_DST[]->NXM_OF_IP_SRC[],move:NXM_NX_XXREG3[0..31]->NXM_OF_IP_DST[],move:OXM_OF_SCTP_SRC[]->NXM_NX_REG7[0..15],goto_table:SourceClass
cookie=0x100000000000000, table=ConntrackState, priority=120,ct_state=-inv+trk,sctp6,reg4=0x1/0x1 actions=move:NXM_NX_IPV6_SRC[]->NXM_NX_XXREG3[],move:NXM_NX_IPV6_DST[]->NXM_NX_IPV6_SRC[],move:NXM_NX_XXREG3[]->NXM_NX_IPV6_DST[],move:OXM_OF_SCTP_SRC[]->NXM_NX_REG7[0..15],goto_table:SourceClass
cookie=0x100000000000000, table=IngressRule, priority=1000,reg0=0x1/0xf,reg4=0x3/0x3 actions=goto_table:Commit
cookie=0x100000000000000, table=Commit, priority=300,sctp,reg4=0x1/0x1 actions=goto_table:Output
cookie=0x100000000000000, table=Commit, priority=300,sctp6,reg4=0x1/0x1 actions=goto_table:Output
)");
}

TEST(PipelineTextTest, SctpByHeaderIsLearnedFromThoseWhoOpenAnAssociation) {
  EXPECT_EQ(TextOf(Beside(RenderNode(kNode), RenderNode(NodeOfUserspace()))), R"(
cookie=0x200000000000000, table=Commit, priority=300,sctp,reg4=0/0x1,in_port=2 actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x201000000000002,limit=2048,eth_type=0x800,nw_proto=132,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0]),goto_table:Output
cookie=0x200000000000000, table=Commit, priority=300,sctp6,reg4=0/0x1,in_port=2 actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x201000000000002,limit=2048,eth_type=0x86dd,nw_proto=132,NXM_NX_IPV6_SRC[]=NXM_NX_IPV6_DST[],NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0]),goto_table:Output
cookie=0x200000000000000, table=Commit, priority=300,sctp,reg4=0/0x1,in_port=LOCAL actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x2010000fffffffe,limit=2048,eth_type=0x800,nw_proto=132,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0],load:0x1->NXM_NX_REG4[1]),goto_table:Output
cookie=0x200000000000000, table=Commit, priority=300,sctp6,reg4=0/0x1,in_port=LOCAL actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x2010000fffffffe,limit=2048,eth_type=0x86dd,nw_proto=132,NXM_NX_IPV6_SRC[]=NXM_NX_IPV6_DST[],NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0],load:0x1->NXM_NX_REG4[1]),goto_table:Output
)");
  const store::Pod web = PodBuilder("shop", "web").Ip("10.0.0.1").Ip("fd00::1");
  const store::EndpointState state{EndpointOf(web, {10}), store::Gate::kOpen};
  EXPECT_EQ(TextOf(Beside(RenderEndpoint(state, kNode), RenderEndpoint(state, NodeOfUserspace()))),
            R"(
cookie=0x30000000000000a, table=Commit, priority=300,sctp,reg4=0/0x1,in_port=10 actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x30100000000000a,limit=2048,eth_type=0x800,nw_proto=132,NXM_OF_IP_SRC[]=NXM_OF_IP_DST[],NXM_OF_IP_DST[]=NXM_OF_IP_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0]),goto_table:Output
cookie=0x30000000000000a, table=Commit, priority=300,sctp6,reg4=0/0x1,in_port=10 actions=learn(table=SctpReply,idle_timeout=600,priority=100,cookie=0x30100000000000a,limit=2048,eth_type=0x86dd,nw_proto=132,NXM_NX_IPV6_SRC[]=NXM_NX_IPV6_DST[],NXM_NX_IPV6_DST[]=NXM_NX_IPV6_SRC[],OXM_OF_SCTP_SRC[]=OXM_OF_SCTP_DST[],OXM_OF_SCTP_DST[]=OXM_OF_SCTP_SRC[],load:0x1->NXM_NX_REG4[0]),goto_table:Output
)");
}

TEST(PipelineTextTest, AClosedEndpointHasNoFlows) {
  const store::Pod web = PodBuilder("shop", "web").Ip("10.0.0.1");
  EXPECT_TRUE(RenderEndpoint({EndpointOf(web, {10}), store::Gate::kClosed}, kNode).flows.empty());
  store::Endpoint without_port = EndpointOf(web, {10});
  without_port.ofport.reset();
  EXPECT_TRUE(RenderEndpoint({without_port, store::Gate::kOpen}, kNode).flows.empty());
}

TEST(PipelineTextTest, DenyAll) {
  EXPECT_EQ(TextOfPolicy(ForDb().IsolatesIngress()), R"(
cookie=0x40100000a000002, table=DestinationClass, priority=132,ct_state=-inv+trk,ct_nw_dst=10.0.0.2,ip actions=set_field:0xddfb50->reg6,goto_table:EgressRule
cookie=0x501000000ddfb50, table=IngressDefault, priority=100,reg6=0xddfb50 actions=goto_table:Drop
)");
}

TEST(PipelineTextTest, OneDimensionIsAPlainFlow) {
  EXPECT_EQ(TextOfPolicy(ForDb().Ingress({})), R"(
cookie=0x40100000a000002, table=DestinationClass, priority=132,ct_state=-inv+trk,ct_nw_dst=10.0.0.2,ip actions=set_field:0xddfb50->reg6,goto_table:EgressRule
cookie=0x501000000ddfb50, table=IngressRule, priority=900,reg6=0xddfb50 actions=set_field:0x2b04e78->reg3,goto_table:Commit
cookie=0x501000000ddfb50, table=IngressDefault, priority=100,reg6=0xddfb50 actions=goto_table:Drop
)");
}

TEST(PipelineTextTest, TwoDimensions) {
  EXPECT_EQ(TextOfPolicy(ForDb().Egress(RuleBuilder().Block("10.0.0.0/8", {"10.1.0.0/16"}))), R"(
cookie=0x40000000a000002, table=SourceClass, priority=132,ct_state=-inv+trk,ct_nw_src=10.0.0.2,ip actions=set_field:0xddfb50->reg5,goto_table:DestinationClass
cookie=0x40100000a000001, table=DestinationClass, priority=132,ct_state=-inv+trk,ct_nw_dst=10.0.0.1,ip actions=set_field:0x8f0562->reg6,goto_table:EgressRule
cookie=0x40100000a000002, table=DestinationClass, priority=132,ct_state=-inv+trk,ct_nw_dst=10.0.0.2,ip actions=set_field:0x8f0562->reg6,goto_table:EgressRule
cookie=0x40100000a010000, table=DestinationClass, priority=116,ct_state=-inv+trk,ct_nw_dst=10.1.0.0/16,ip actions=set_field:0->reg6,goto_table:EgressRule
cookie=0x40100000a000000, table=DestinationClass, priority=108,ct_state=-inv+trk,ct_nw_dst=10.0.0.0/8,ip actions=set_field:0x8f0562->reg6,goto_table:EgressRule
cookie=0x60100000be3732c, table=EgressRule, priority=800,conj_id=199455532 actions=set_field:0xbe3732c->reg2,goto_table:L3Forward
cookie=0x500000000ddfb50, table=EgressRule, priority=800,reg5=0xddfb50 actions=conjunction(199455532,1/2)
cookie=0x5010000008f0562, table=EgressRule, priority=800,reg6=0x8f0562 actions=conjunction(199455532,2/2)
cookie=0x500000000ddfb50, table=EgressDefault, priority=100,reg5=0xddfb50 actions=goto_table:Drop
)");
}

TEST(PipelineTextTest, ThreeDimensions) {
  EXPECT_EQ(TextOfPolicy(ForDb().Ingress(
                RuleBuilder().Pods({Is("app", "web")}).TcpRange({5432, 5433}).Udp(53))),
            R"(
cookie=0x40000000a000001, table=SourceClass, priority=132,ct_state=-inv+trk,ct_nw_src=10.0.0.1,ip actions=set_field:0x8fcb2a->reg5,goto_table:DestinationClass
cookie=0x40100000a000002, table=DestinationClass, priority=132,ct_state=-inv+trk,ct_nw_dst=10.0.0.2,ip actions=set_field:0xddfb50->reg6,goto_table:EgressRule
cookie=0x6000000070f855c, table=IngressRule, priority=800,conj_id=118457692 actions=set_field:0x70f855c->reg3,goto_table:Commit
cookie=0x700000000001538, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=6,ct_tp_dst=0x1538/0xfffe,ip actions=conjunction(118457692,3/3)
cookie=0x700000000001538, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=6,ct_tp_dst=0x1538/0xfffe,ipv6 actions=conjunction(118457692,3/3)
cookie=0x700000000000000, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=6,ip,nw_frag=later actions=conjunction(118457692,3/3)
cookie=0x700000000000000, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=6,ipv6,nw_frag=later actions=conjunction(118457692,3/3)
cookie=0x700000000000035, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=17,ct_tp_dst=53,ip actions=conjunction(118457692,3/3)
cookie=0x700000000000035, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=17,ct_tp_dst=53,ipv6 actions=conjunction(118457692,3/3)
cookie=0x700000000000000, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=17,ip,nw_frag=later actions=conjunction(118457692,3/3)
cookie=0x700000000000000, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=17,ipv6,nw_frag=later actions=conjunction(118457692,3/3)
cookie=0x5000000008fcb2a, table=IngressRule, priority=800,reg5=0x8fcb2a actions=conjunction(118457692,2/3)
cookie=0x501000000ddfb50, table=IngressRule, priority=800,reg6=0xddfb50 actions=conjunction(118457692,1/3)
cookie=0x501000000ddfb50, table=IngressDefault, priority=100,reg6=0xddfb50 actions=goto_table:Drop
)");
}

TEST(PipelineTextTest, PortsOfSctpAreWhereTheDatapathHasThem) {
  policy::ServiceMatch service{store::Protocol::kSctp, {7777, 0xffff}};
  store::ClusterStore cluster;
  policy::PolicyEngine engine(cluster);
  const store::Pod db = PodBuilder("shop", "db").Labels({{"app", "db"}}).Ip("10.0.0.2");
  engine.Apply(cluster.Apply(Present(db)));
  engine.Apply(cluster.PutEndpoint(EndpointOf(db, {11})));
  engine.Apply(cluster.Apply(
      Present(ForDb().Ingress(RuleBuilder().Port({store::Protocol::kSctp, uint16_t{7777}, {}})))));
  const auto text = [&](SctpPorts sctp) {
    return TextOf(RenderService(engine, store::Direction::kIngress, service, sctp).flows);
  };
  EXPECT_EQ(text(SctpPorts::kFromConntrack), R"(
cookie=0x700000000001e61, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=132,ct_tp_dst=7777,ip actions=conjunction(263895769,2/2)
cookie=0x700000000001e61, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=132,ct_tp_dst=7777,ipv6 actions=conjunction(263895769,2/2)
)");
  EXPECT_EQ(text(SctpPorts::kFromHeader), R"(
cookie=0x700000000001e61, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=132,ip,reg7=0x1e61/0xffff actions=conjunction(263895769,2/2)
cookie=0x700000000001e61, table=IngressRule, priority=800,ct_state=-inv+trk,ct_nw_proto=132,ipv6,reg7=0x1e61/0xffff actions=conjunction(263895769,2/2)
)");
}

}  // namespace
}  // namespace sluice::pipeline
