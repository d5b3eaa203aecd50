// KubeSource against a real kube-apiserver, where its binaries are cached; the fake's manners are
// only as true as this test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
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
  void Follow(const ApiServerSandbox& server, const std::string& token) {
    KubeSource::Spec spec;
    spec.access.server = {"127.0.0.1", server.port(), ""};
    spec.access.ca = FilePath{server.ca_file()};
    spec.access.token = Inline{token};
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
  Follow(server, server.token());
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
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 3; }));
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

TEST_F(RealApiServerTest, ByStreamingLists) {
  FollowsWhatHappens({"--feature-gates=WatchList=true"});
}

TEST_F(RealApiServerTest, ByPages) { FollowsWhatHappens({"--feature-gates=WatchList=false"}); }

TEST_F(RealApiServerTest, ATokenThatIsNobodysIsNamed) {
  const ApiServerSandbox server({});
  Follow(server, "nobody");
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 3; }));
  EXPECT_THAT(complaints_, Contains(HasSubstr("pods: streaming list refused: 401 Unauthorized")));
  EXPECT_EQ(batches_, 0);
}

}  // namespace
}  // namespace sluice::kube
