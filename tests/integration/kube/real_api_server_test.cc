// KubeSource against a real kube-apiserver, where its binaries are cached; the fake's manners are
// only as true as this test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <map>

#include "agent/kube/kube_source.h"
#include "tests/fakes/api_server_sandbox.h"

namespace sluice::kube {
namespace {

using fakes::ApiServerSandbox;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

std::string Pod(const std::string& name, const std::string& label = "a") {
  return "---\napiVersion: v1\nkind: Pod\nmetadata: {name: " + name +
         ", namespace: default, labels: {app: " + label +
         "}}\nspec: {automountServiceAccountToken: false, containers: [{name: c, image: i, ports: "
         "[{containerPort: 80, name: http}]}]}\n";
}

std::string Node(const std::string& name, const std::string& pod_cidr) {
  return "---\napiVersion: v1\nkind: Node\nmetadata: {name: " + name +
         "}\nspec: {podCIDR: " + pod_cidr + ", podCIDRs: [" + pod_cidr + "]}\n";
}

// What stands between `before` and the next quote.
std::string Text(const std::string& json, const std::string& before) {
  const size_t at = json.find(before);
  if (at == std::string::npos) return "";
  const size_t begin = at + before.size();
  return json.substr(begin, json.find('"', begin) - begin);
}

constexpr const char* kPolicy =
    "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n"
    "metadata: {name: deny, namespace: default}\n"
    "spec: {podSelector: {matchLabels: {app: a}}, policyTypes: [Ingress]}\n";

class RealApiServerTest : public testing::Test, public KubeSource::Listener {
 protected:
  void SetUp() override {
    if (ApiServerSandbox::Binaries().empty()) GTEST_SKIP() << "no kube-apiserver is cached";
  }
  void OnObjects(std::vector<store::StoreEvent> events) override {
    ++batches_;
    for (store::StoreEvent& event : events) {
      const std::string name = event.key.ToString();
      if (!event.object) {
        objects_.erase(name);
      } else if (const auto* pod = std::get_if<store::Pod>(&*event.object)) {
        objects_[name] = "pod " + pod->labels.at("app") + " " + pod->ports.at(0).name;
      } else if (const auto* policy = std::get_if<store::NetworkPolicy>(&*event.object)) {
        objects_[name] = "policy " + policy->pod_selector.ToString();
      } else {
        objects_[name] = "namespace";
      }
    }
  }
  void OnNodes(std::vector<store::StoreEvent> events) override {
    for (const store::StoreEvent& event : events) {
      if (!event.object) {
        objects_.erase(event.key.name);
        continue;
      }
      const auto& node = std::get<store::Node>(*event.object);
      std::string& what = objects_[event.key.name] = "node";
      for (const Cidr& cidr : node.pod_cidrs) what += " " + cidr.ToString();
      for (const IpAddress& ip : node.internal_ips) what += " " + ip.ToString();
    }
  }
  void OnComplaints(const std::vector<Complaint>& complaints) override {
    complaints_.clear();
    for (const Complaint& complaint : complaints) complaints_.push_back(complaint.text);
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(20));
    }
    return done();
  }
  bool Has(const std::string& name, const std::string& what) {
    return RunUntil([&] { return objects_.contains(name) && objects_.at(name) == what; });
  }
  bool Lacks(const std::string& name) {
    return RunUntil([&] { return !objects_.contains(name); });
  }
  void Follow(const ApiServerSandbox& server, const Secret& token) {
    KubeSource::Spec spec;
    spec.nodes = KubeSource::Nodes::kFollowed;
    spec.access.server = {"127.0.0.1", server.port(), ""};
    spec.access.ca = FilePath{server.ca_file()};
    spec.access.token = token;
    spec.page_size = 2;
    source_ = std::make_unique<KubeSource>(io_, spec, *this);
    ASSERT_TRUE(source_->Start().ok());
  }
  void FollowsWhatHappens(const std::vector<std::string>& flags);

  boost::asio::io_context io_;
  std::unique_ptr<KubeSource> source_;
  std::map<std::string, std::string> objects_;
  std::vector<std::string> complaints_;
  int batches_ = 0;
};

void RealApiServerTest::FollowsWhatHappens(const std::vector<std::string>& flags) {
  ApiServerSandbox server(flags);
  server.Apply(Pod("p1") + Pod("p2") + Pod("p3") + Pod("p4") + Pod("p5") + kPolicy);
  Follow(server, Inline{server.token()});
  ASSERT_TRUE(RunUntil([&] { return batches_ == 1; })) << testing::PrintToString(complaints_);
  EXPECT_TRUE(Has("default", "namespace"));
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(Has("default/p" + std::to_string(i), "pod a http"));
  EXPECT_TRUE(Has("default/deny", "policy app=a"));
  EXPECT_THAT(complaints_, IsEmpty());

  server.Kubectl("label pod p1 app=b --overwrite");
  EXPECT_TRUE(Has("default/p1", "pod b http"));
  server.Kubectl("delete pod p2 --force --grace-period=0");
  EXPECT_TRUE(Lacks("default/p2"));

  // Another apiserver's watch cache does not go back to where we were: 410, or on from there.
  server.Kill();
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 4; }));
  EXPECT_THAT(complaints_, Contains(HasSubstr("what is known stays in force")));
  EXPECT_TRUE(Has("default/p1", "pod b http"));
  server.Start();
  server.Kubectl("delete pod p3 --force --grace-period=0");
  server.Apply(Pod("p6", "c"));
  EXPECT_TRUE(Lacks("default/p3"));
  EXPECT_TRUE(Has("default/p6", "pod c http"));
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  EXPECT_TRUE(Has("default/p1", "pod b http"));
}

TEST_F(RealApiServerTest, NodesAreFollowedWithTheirNetworksAndAddresses) {
  ApiServerSandbox server({});
  server.Apply(Node("node-1", "10.244.1.0/24"));
  Follow(server, Inline{server.token()});
  EXPECT_TRUE(Has("node-1", "node 10.244.1.0/24"));
  server.Kubectl(
      R"(patch node node-1 --subresource=status --type=merge -p '{"status":{"addresses":)"
      R"([{"type":"InternalIP","address":"172.30.0.1"}]}}')");
  EXPECT_TRUE(Has("node-1", "node 10.244.1.0/24 172.30.0.1"));
  server.Kubectl("delete node node-1");
  EXPECT_TRUE(Lacks("node-1"));
}

// What happened while we were cut off can only be found by a new list: etcd has forgotten it.
TEST_F(RealApiServerTest, WhatWasMissedAndCompactedIsListedAgainAsAWhole) {
  ApiServerSandbox server({});
  const uint16_t port = server.port();
  server.Apply(Pod("p1") + Pod("p2") + Pod("p3") + kPolicy);
  Follow(server, Inline{server.token()});
  ASSERT_TRUE(RunUntil([&] { return batches_ == 1; })) << testing::PrintToString(complaints_);
  const std::string version = Text(server.Get("/api/v1/pods?limit=1"), R"("resourceVersion":")");
  server.Kill();
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 4; }));

  server.SetPort(ApiServerSandbox::FreePort());  // where we are not
  server.Start();
  server.Kubectl("delete pod p1 p2 --force --grace-period=0");
  server.Kubectl("delete networkpolicy deny");
  server.Kubectl("label pod p3 app=b --overwrite");
  server.Apply(Pod("p4"));
  server.Compact();
  server.Kill();
  server.SetPort(port);
  server.Start();
  EXPECT_THAT(server.Get("/api/v1/pods?watch=true&timeoutSeconds=1&resourceVersion=" + version),
              HasSubstr(R"("code":410)"));

  EXPECT_TRUE(Lacks("default/deny"));
  EXPECT_TRUE(Lacks("default/p1"));
  EXPECT_TRUE(Lacks("default/p2"));
  EXPECT_TRUE(Has("default/p3", "pod b http"));
  EXPECT_TRUE(Has("default/p4", "pod a http"));
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(RealApiServerTest, AReplacedTokenIsUsedAndNothingIsForgottenMeanwhile) {
  ApiServerSandbox server({});
  const std::string file = testing::TempDir() + "token-of-" + std::to_string(getpid());
  std::ofstream(file) << server.token() << "\n";
  server.Apply(Pod("p1"));
  Follow(server, FilePath{file});
  EXPECT_TRUE(Has("default/p1", "pod a http"));

  server.Kill();
  server.SetToken("another");
  server.Start();
  EXPECT_TRUE(RunUntil([&] {
    return testing::Value(complaints_, Contains(HasSubstr("pods: watch refused: 401")));
  }));
  EXPECT_TRUE(Has("default/p1", "pod a http"));

  std::ofstream(file) << "another\n";
  server.Apply(Pod("p2"));
  EXPECT_TRUE(Has("default/p2", "pod a http"));
  EXPECT_TRUE(Has("default/p1", "pod a http"));
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  std::remove(file.c_str());
}

TEST_F(RealApiServerTest, ByStreamingLists) {
  FollowsWhatHappens({"--feature-gates=WatchList=true"});
}

TEST_F(RealApiServerTest, ByPages) { FollowsWhatHappens({"--feature-gates=WatchList=false"}); }

TEST_F(RealApiServerTest, ATokenThatIsNobodysIsNamed) {
  const ApiServerSandbox server({});
  Follow(server, Inline{"nobody"});
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 4; }));
  EXPECT_THAT(complaints_, Contains(HasSubstr("pods: streaming list refused: 401 Unauthorized")));
  EXPECT_EQ(batches_, 0);
}

}  // namespace
}  // namespace sluice::kube
