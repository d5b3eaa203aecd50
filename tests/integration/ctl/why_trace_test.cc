// `why` compares itself with ofproto/trace: what it asks a real ovs-vswitchd that holds the agent's
// flows, and what it makes of the answers, is the engine's verdict; both families, three protocols,
// and no flow in the switch for the sake of the question.
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <fstream>

#include "agent/ctl/switch_control.h"
#include "agent/ctl/trace_answer.h"
#include "agent/ctl/why_text.h"
#include "agent/pipeline/tables.h"
#include "agent/reconcile/desired_state.h"
#include "agent/status/why.h"
#include "tests/fakes/builders.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::ctl {
namespace {

using fakes::Is;
using fakes::OvsSandbox;
using fakes::PodBuilder;
using fakes::PolicyBuilder;
using fakes::Present;
using fakes::RuleBuilder;
using pipeline::SctpPorts;
using reconcile::DesiredState;
using store::Protocol;

constexpr char kBridge[] = "br0";
constexpr char kGatewayPort[] = "gw0";

// Given: three dual-stack pods. db takes from api pods TCP 80, SCTP 80-83 and what it calls
// "admin"; from one IPv6 block UDP. api may send to db pods, and TCP 443 outside. web is free.
void Fill(DesiredState& desired) {
  const auto pod = [](const std::string& name, const std::string& last) {
    return PodBuilder("shop", name)
        .Labels({{"app", name}})
        .Ip("10.244.0." + last)
        .Ip("fd00:10:244::" + last)
        .Port({"admin", Protocol::kTcp, 81});
  };
  store::PolicyPort associations;
  associations.protocol = Protocol::kSctp;
  associations.port = uint16_t{80};
  associations.end = 83;
  std::vector<store::Pod> pods = {pod("db", "2"), pod("api", "3"), pod("web", "4")};
  desired.Apply(
      {Present(fakes::NamespaceOf("shop")), Present(pods[0]), Present(pods[1]), Present(pods[2]),
       Present(store::NetworkPolicy(
           PolicyBuilder("shop", "db")
               .Selects({Is("app", "db")})
               .Ingress(
                   RuleBuilder().Pods({Is("app", "api")}).Tcp(80).Port(associations).Named("admin"))
               .Ingress(RuleBuilder().Block("2001:db8::/32").Every(Protocol::kUdp)))),
       Present(store::NetworkPolicy(PolicyBuilder("shop", "api")
                                        .Selects({Is("app", "api")})
                                        .Egress(RuleBuilder().Pods({Is("app", "db")}))
                                        .Egress(RuleBuilder().Block("0.0.0.0/0").Tcp(443))))});
  for (size_t i = 0; i < pods.size(); ++i) {
    desired.PutEndpoint(fakes::EndpointOf(pods[i], OfPort{static_cast<uint32_t>(10 + i)}));
  }
}

pipeline::NodePorts Node(SctpPorts sctp) {
  return {.gateway = OfPort{1},
          .mac = store::MacFor(fakes::Ip("10.244.0.1")),
          .addresses = {fakes::Ip("10.244.0.1"), fakes::Ip("fd00:10:244::1")},
          .sctp = sctp};
}

class WhyTraceTest : public testing::TestWithParam<SctpPorts> {
 protected:
  WhyTraceTest() {
    Fill(desired_);
    sandbox_.Vsctl(std::string("add-br ") + kBridge + " -- set bridge " + kBridge +
                   " datapath_type=dummy fail_mode=secure protocols=OpenFlow15");
    AddPort({kGatewayPort, OfPort{1}});
    for (const auto& [id, state] : desired_.store().endpoints()) {
      AddPort({state.endpoint.host_ifname, *state.endpoint.ofport});
    }
    const std::string path = sandbox_.rundir() + "/flows";
    std::ofstream file(path);
    for (const auto& [key, body] : desired_.flows().Flows()) {
      file << ofctl::ToString(ofctl::Flow{key, body}) << "\n";
    }
    file.close();
    sandbox_.Ofctl(std::string("replace-flows ") + kBridge + " " + path);
  }

  struct Port {
    std::string name;
    OfPort number;
  };
  void AddPort(const Port& port) {
    sandbox_.Vsctl(std::string("add-port ") + kBridge + " " + port.name + " -- set interface " +
                   port.name + " type=dummy ofport_request=" + std::to_string(port.number.value));
  }

  std::string Flows() const {
    return sandbox_.Ofctl(std::string("--no-stats dump-flows ") + kBridge);
  }

  rapidjson::Document Why(const std::string& source, const std::string& target) const {
    rapidjson::StringBuffer buffer;
    status::JsonWriter out(buffer);
    out.StartObject();
    status::WriteWhy(out, desired_,
                     {.bridge = kBridge, .gateway_port = kGatewayPort, .ovs_rundir = ""},
                     explain::ParseQuestion({source, target}).value());
    out.EndObject();
    rapidjson::Document answer;
    answer.Parse(buffer.GetString());
    return answer;
  }

  TraceAnswer Ask(const rapidjson::Value& call) const {
    unixctl::Call control{call["method"].GetString(), {}};
    for (const auto& each : call["parameters"].GetArray()) {
      control.parameters.emplace_back(each.GetString());
    }
    const auto reply = CallSwitch(sandbox_.vswitchd_control(), control);
    EXPECT_TRUE(reply.ok()) << reply.error().message();
    const auto answer = ReadTrace(*reply);
    EXPECT_TRUE(answer.ok()) << answer.error().message() << *reply;
    return *answer;
  }

  SwitchVerdict SwitchSays(const rapidjson::Value& trace) const {
    return VerdictOf({Ask(trace["fromPort"]), Ask(trace["firstPacket"]), Ask(trace["laterPacket"])},
                     trace["output"].GetString());
  }

  // "source -> target: ..." for every question in which the switch says otherwise.
  struct Comparison {
    std::vector<std::string> differences;
    std::map<std::string, int> by_verdict;
  };
  Comparison CompareAll() const {
    const std::vector<std::string> pods = {"shop/db", "shop/api", "shop/web"};
    const std::vector<std::string> outside = {"203.0.113.7", "2001:db8::7"};
    Comparison comparison;
    const auto compare = [&](const std::string& source, std::string target) {
      if (target.find(':') != std::string::npos) target = "[" + target + "]";
      for (const char* protocol : {"tcp", "udp", "sctp"}) {
        for (const char* port : {"80", "81", "84", "443"}) {
          Compare(Why(source, target + ":" + port + "/" + protocol), comparison);
        }
      }
    };
    for (const std::string& target : pods) {
      for (const std::string& source : pods) {
        if (source != target) compare(source, target);
      }
      for (const std::string& address : outside) {
        compare(address, target);
        compare(target, address);
      }
      compare("node", target);
      compare(target, "node");
    }
    return comparison;
  }

  void Compare(const rapidjson::Document& answer, Comparison& comparison) const {
    for (const auto& path : answer["paths"].GetArray()) {
      const SwitchVerdict verdict = SwitchSays(path["trace"]);
      const std::string here = VerdictHere(path);
      ++comparison.by_verdict[verdict.verdict];
      if (verdict.verdict == here && here == path["engine"].GetString()) continue;
      comparison.differences.push_back(
          std::string(path["source"].GetString()) + " -> " + path["destination"].GetString() + ":" +
          std::to_string(path["port"].GetUint()) + "/" + answer["protocol"].GetString() + ": " +
          here + ", engine " + path["engine"].GetString() + ", switch " + verdict.verdict + ": " +
          verdict.words);
    }
  }

  DesiredState desired_{Node(GetParam())};
  OvsSandbox sandbox_{OvsSandbox::Datapath::kDummy};
};

TEST_P(WhyTraceTest, TheSwitchAgreesAboutEveryPairFamilyAndProtocol) {
  const std::string before = Flows();

  const Comparison comparison = CompareAll();

  EXPECT_EQ(comparison.differences, std::vector<std::string>());
  EXPECT_GT(comparison.by_verdict.at("allowed"), 100);
  EXPECT_GT(comparison.by_verdict.at("denied"), 100);
  EXPECT_EQ(Flows(), before) << "asking changes nothing, SCTP's learned flows included";
}

TEST_P(WhyTraceTest, FlowsThatWereTamperedWithShow) {
  const std::string isolation = std::to_string(Number(pipeline::Table::kIngressDefault));
  const std::string commit = std::to_string(Number(pipeline::Table::kCommit));
  sandbox_.Ofctl(std::string("add-flow ") + kBridge + " table=" + isolation +
                 ",priority=65535,actions=goto_table:" + commit);

  const auto answer = Why("shop/web", "shop/db:80");

  ASSERT_EQ(answer["paths"].Size(), 2u);
  for (const auto& path : answer["paths"].GetArray()) {
    EXPECT_EQ(VerdictHere(path), "denied");
    EXPECT_EQ(SwitchSays(path["trace"]).verdict, "allowed");
  }
}

TEST_P(WhyTraceTest, AClosedGateShows) {
  sandbox_.Ofctl(std::string("del-flows ") + kBridge + " table=0,in_port=12");  // web's

  const auto answer = Why("shop/web", "shop/api:80");

  EXPECT_EQ(VerdictHere(answer["paths"][0]), "allowed");
  const SwitchVerdict verdict = SwitchSays(answer["paths"][0]["trace"]);
  EXPECT_EQ(verdict.verdict, "denied");
  EXPECT_NE(verdict.words.find("before conntrack"), std::string::npos) << verdict.words;
}

INSTANTIATE_TEST_SUITE_P(BothWays, WhyTraceTest,
                         testing::Values(SctpPorts::kFromConntrack, SctpPorts::kFromHeader));

}  // namespace
}  // namespace sluice::ctl
