// The edge against a fake apiserver over real TLS: what the reflector decides is tested beside it,
// here is what connections, certificates, tokens and silence do.
#include "agent/kube/kube_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <set>
#include <thread>

#include "agent/kube/source_thread.h"
#include "tests/fakes/fake_api_server.h"
#include "tests/fakes/test_authority.h"

namespace sluice::kube {
namespace {

namespace fs = std::filesystem;
using fakes::FakeApiServer;
using fakes::PemPair;
using std::chrono::milliseconds;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

const std::string kNodes = "/api/v1/nodes";
const std::string kPods = "/api/v1/pods";
const std::string kNamespaces = "/api/v1/namespaces";
const std::string kPolicies = "/apis/networking.k8s.io/v1/networkpolicies";
constexpr const char* kPod = R"("spec":{"containers":[]},"status":{"phase":"Running"})";

class KubeSourceTest : public testing::Test, public KubeSource::Listener {
 protected:
  KubeSourceTest() : server_(io_, {certificate_, ""}) {
    std::string name = testing::TempDir() + "kube-XXXXXX";
    folder_ = mkdtemp(name.data());
    spec_.access.server = {"127.0.0.1", server_.port(), ""};
    spec_.access.ca = Inline{authority_.pem()};
    spec_.access.token = Inline{"secret"};
    spec_.backoff = {.first = milliseconds(2), .max = milliseconds(20)};
    server_.faults().token = "secret";
  }
  ~KubeSourceTest() override {
    source_.reset();
    fs::remove_all(folder_);
  }

  void OnObjects(std::vector<store::StoreEvent> events) override {
    batches_.emplace_back();
    threads_.insert(std::this_thread::get_id());
    for (const store::StoreEvent& event : events) {
      batches_.back().push_back((event.object ? "+" : "-") + event.key.name);
      if (event.object) {
        objects_.insert(event.key.name);
      } else {
        objects_.erase(event.key.name);
      }
    }
  }
  void OnNodes(std::vector<store::StoreEvent> events) override {
    node_batches_.emplace_back();
    for (const store::StoreEvent& event : events) {
      node_batches_.back().push_back((event.object ? "+" : "-") + event.key.name);
    }
  }
  void OnComplaints(const std::vector<Complaint>& complaints) override {
    complaints_.clear();
    for (const Complaint& complaint : complaints) complaints_.push_back(complaint.ToString());
    all_complaints_.insert(all_complaints_.end(), complaints_.begin(), complaints_.end());
  }

  void Start() {
    source_ = std::make_unique<KubeSource>(io_, spec_, *this);
    const Status started = source_->Start();
    ASSERT_TRUE(started.ok()) << started.error().message();
  }
  void Sync() {
    Start();
    ASSERT_TRUE(RunUntil([&] { return !batches_.empty(); })) << testing::PrintToString(complaints_);
    ASSERT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(milliseconds(20));
    }
    return done();
  }
  // A change that is certain to be told after everything before it.
  bool Fence() {
    const std::string name = "fence" + std::to_string(++fence_);
    server_.Put(kPods, name, kPod);
    return RunUntil([&] { return objects_.contains(name); });
  }
  bool Complains(const std::string& text) {
    return RunUntil([&] { return testing::Value(complaints_, Contains(HasSubstr(text))); });
  }
  std::string Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
    return folder_ / name;
  }
  size_t Lists() const {
    size_t count = 0;
    for (const auto& request : server_.requests()) {
      count += request.Query("resourceVersion").empty() ? 1 : 0;
    }
    return count;
  }

  boost::asio::io_context io_;
  fakes::TestAuthority authority_;
  PemPair certificate_ = authority_.Issue("apiserver", "IP:127.0.0.1,DNS:kubernetes");
  FakeApiServer server_;
  KubeSource::Spec spec_;
  std::unique_ptr<KubeSource> source_;
  fs::path folder_;
  std::vector<std::vector<std::string>> batches_;
  std::vector<std::vector<std::string>> node_batches_;
  std::set<std::string> objects_;
  std::set<std::thread::id> threads_;  // that the listener was called by
  std::vector<std::string> complaints_;
  std::vector<std::string> all_complaints_;
  int fence_ = 0;
};

TEST_F(KubeSourceTest, TheFirstBatchIsEverything) {
  server_.Put(kNamespaces, "shop", R"("x":1)");
  server_.Put(kPods, "web", kPod);
  server_.Put(kPolicies, "deny", R"("spec":{"podSelector":{}})");
  Sync();
  EXPECT_THAT(batches_, ElementsAre(UnorderedElementsAre("+shop", "+web", "+deny")));
  EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, NothingIsToldBeforeAllIsKnown) {
  server_.Put(kPods, "web", kPod);
  server_.faults().silent_path = kPolicies;
  Start();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 2; }));
  EXPECT_TRUE(RunUntil([&] { return server_.requests().size() >= 3; }));
  server_.Put(kPods, "web2", kPod);
  server_.SendBookmarks();
  EXPECT_THAT(batches_, IsEmpty());

  server_.faults().silent_path = "";
  server_.DropConnections();
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("web2"); }));
  EXPECT_THAT(batches_.front(), Contains("+web"));
}

TEST_F(KubeSourceTest, NodesComeApartAndNothingWaitsForThem) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kPods, "web", kPod);
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  server_.faults().silent_path = kNodes;
  Start();
  ASSERT_TRUE(RunUntil([&] { return !batches_.empty(); }));
  EXPECT_THAT(batches_, ElementsAre(ElementsAre("+web")));
  EXPECT_THAT(node_batches_, IsEmpty());
}

TEST_F(KubeSourceTest, NodesWaitForNothing) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  server_.Put(kNodes, "n2", R"("spec":{})");
  server_.faults().silent_path = kPolicies;
  Start();
  ASSERT_TRUE(RunUntil([&] { return !node_batches_.empty(); }));
  EXPECT_THAT(node_batches_, ElementsAre(UnorderedElementsAre("+n1", "+n2")));
  server_.Delete(kNodes, "n2");
  ASSERT_TRUE(RunUntil([&] { return node_batches_.size() == 2; }));
  EXPECT_THAT(node_batches_.back(), ElementsAre("-n2"));
  EXPECT_THAT(batches_, IsEmpty());
}

TEST_F(KubeSourceTest, ANodeThatMakesNoSenseIsNamedAndKeepsItsLastGoodVersion) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0/24"]})");
  Start();
  ASSERT_TRUE(RunUntil([&] { return node_batches_.size() == 1; }));
  server_.Put(kNodes, "n1", R"("spec":{"podCIDRs":["10.244.1.0"]})");
  EXPECT_TRUE(Complains("Node n1: spec.podCIDRs[0]: "));
  EXPECT_EQ(node_batches_.size(), 1U);
}

TEST_F(KubeSourceTest, AnEmptyClusterIsInSyncToo) {
  Sync();
  EXPECT_THAT(batches_, ElementsAre(IsEmpty()));
}

TEST_F(KubeSourceTest, ChangesAreToldAsTheyCome) {
  Sync();
  server_.Put(kPods, "web", kPod);
  server_.Put(kPolicies, "deny", R"("spec":{"podSelector":{}})");
  EXPECT_TRUE(RunUntil([&] { return objects_.size() == 2; }));
  server_.Delete(kPods, "web");
  EXPECT_TRUE(RunUntil([&] { return objects_.size() == 1; }));
  EXPECT_EQ(Lists(), 3U);
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, PiecesOfAnySizeMakeTheSame) {
  server_.faults().piece = 1;
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.Delete(kPods, "web");
  EXPECT_TRUE(RunUntil([&] { return objects_.empty(); }));
}

TEST_F(KubeSourceTest, AServerWithoutStreamingListsIsListedInPages) {
  server_.faults().streaming_lists = false;
  spec_.page_size = 2;
  for (const char* name : {"a", "b", "c", "d", "e"}) server_.Put(kPods, name, kPod);
  Sync();
  EXPECT_THAT(batches_, ElementsAre(UnorderedElementsAre("+a", "+b", "+c", "+d", "+e")));
  EXPECT_EQ(server_.connections_taken(), 3U);  // pages and watch share one
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, AServerThatPassesOverSendInitialEventsIsFoundOut) {
  server_.faults().ignores_initial_events = true;
  spec_.patience.watch.body = milliseconds(50);
  server_.Put(kPods, "web", kPod);
  Start();
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("web"); }));
}

TEST_F(KubeSourceTest, AWatchThatTimesOutGoesOnOverTheSameConnection) {
  Sync();
  ASSERT_TRUE(Fence());
  server_.SendBookmarks();
  ASSERT_TRUE(Fence());
  server_.EndWatches();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  EXPECT_TRUE(Fence());
  EXPECT_EQ(server_.connections_taken(), 3U);
  EXPECT_EQ(Lists(), 3U);
}

TEST_F(KubeSourceTest, ABrokenConnectionGoesOnFromWhereItWas) {
  Sync();
  ASSERT_TRUE(Fence());
  server_.DropConnections();
  server_.Put(kPods, "missed", kPod);
  EXPECT_TRUE(RunUntil([&] { return objects_.contains("missed"); }));
  EXPECT_EQ(Lists(), 3U);
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeSourceTest, GoneIsListedAgainAndReplacesInOneBatch) {
  for (const char* name : {"a", "b", "c"}) server_.Put(kPods, name, kPod);
  Sync();
  server_.Away();
  server_.Delete(kPods, "a");
  server_.Delete(kPods, "b");
  server_.Put(kPods, "d", kPod);
  server_.Compact();
  const size_t before = batches_.size();
  server_.Back();
  EXPECT_TRUE(RunUntil([&] { return objects_ == std::set<std::string>{"c", "d"}; }));
  EXPECT_THAT(batches_[before], UnorderedElementsAre("-a", "-b", "+c", "+d"));
}

TEST_F(KubeSourceTest, GoneAsAnEventIsListedAgain) {
  Sync();
  server_.Compact();
  server_.ExpireWatches();
  EXPECT_TRUE(RunUntil([&] { return Lists() == 6 && server_.open_watches() == 3; }));
  EXPECT_TRUE(Fence());
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, WhatIsKnownStaysInForceWhileTheServerIsAway) {
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.Away();
  EXPECT_TRUE(Complains("refused; what is known stays in force"));
  // Long enough for many tries.
  EXPECT_TRUE(RunUntil([&] { return complaints_.size() == 3; }));
  EXPECT_THAT(objects_, ElementsAre("web"));
  EXPECT_EQ(batches_.size(), 1U);

  server_.Back();
  EXPECT_TRUE(Fence());
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeSourceTest, AServerThatIsSilentIsTakenForDead) {
  spec_.patience.watch.body = milliseconds(100);
  spec_.patience.watch.answer = milliseconds(100);
  Sync();
  server_.faults().silent = true;
  EXPECT_TRUE(Complains("no answer's body in time"));
  EXPECT_TRUE(Complains("no answer in time"));
  EXPECT_THAT(complaints_, Each(HasSubstr("stays in force")));

  server_.faults().silent = false;
  EXPECT_TRUE(Fence());
}

TEST_F(KubeSourceTest, AnObjectThatMakesNoSenseHarmsItselfAlone) {
  server_.Put(kPods, "good", kPod);
  server_.Put(kPods, "bad", R"("status":7)");
  Sync();
  EXPECT_THAT(objects_, ElementsAre("good"));
  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("Pod shop/bad: status: ")));
  server_.Put(kPods, "good", R"("status":8)");
  EXPECT_TRUE(Complains("Pod shop/good: status: "));
  EXPECT_THAT(objects_, ElementsAre("good"));
  server_.Put(kPods, "bad", kPod);
  server_.Delete(kPods, "good");
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  EXPECT_THAT(objects_, ElementsAre("bad"));
}

TEST_F(KubeSourceTest, APolicyWrittenPastValidationIsInForceAndNamed) {
  server_.Put(kPolicies, "odd", R"("spec":{"podSelector":{},"ingress":[{"from":[{"x":{}}]}]})");
  Sync();
  EXPECT_THAT(objects_, ElementsAre("odd"));
  EXPECT_THAT(complaints_,
              ElementsAre(HasSubstr("NetworkPolicy shop/odd: spec.ingress[0].from[0].x: ")));
}

TEST_F(KubeSourceTest, AnAnswerThatMakesNoSenseChangesNothing) {
  server_.Put(kPods, "web", kPod);
  Sync();
  server_.SendToWatches(kPods, "<html>\n");
  EXPECT_TRUE(Complains("a watch event is not an object; what is known stays in force"));
  server_.faults().answer = fakes::RawAnswer{200, "<html>", ""};
  server_.DropConnections();
  EXPECT_TRUE(Complains("is not a"));
  EXPECT_THAT(objects_, ElementsAre("web"));
  server_.faults().answer = std::nullopt;
  EXPECT_TRUE(Fence());
  EXPECT_THAT(objects_, Contains("web"));
}

TEST_F(KubeSourceTest, ARefusalIsNamedWithItsReason) {
  server_.faults().answer = fakes::RawAnswer{
      403, R"({"kind":"Status","reason":"Forbidden","message":"pods is forbidden","code":403})",
      ""};
  Start();
  EXPECT_TRUE(Complains("pods: streaming list refused: 403 Forbidden: pods is forbidden"));
  EXPECT_THAT(batches_, IsEmpty());
  server_.faults().answer = std::nullopt;
  EXPECT_TRUE(RunUntil([&] { return !batches_.empty(); }));
}

TEST_F(KubeSourceTest, AServerOfAnotherAuthorityIsNotBelieved) {
  const fakes::TestAuthority other;
  server_.SetTls({other.Issue("apiserver", "IP:127.0.0.1"), ""});
  Start();
  EXPECT_TRUE(Complains("TLS handshake: "));
  EXPECT_THAT(complaints_, Contains(HasSubstr("certificate")));
  EXPECT_THAT(server_.requests(), IsEmpty());  // the token was not shown to it
}

TEST_F(KubeSourceTest, ACertificateForAnotherNameIsNotBelieved) {
  server_.SetTls({authority_.Issue("127.0.0.1", "DNS:elsewhere,IP:127.0.0.2"), ""});
  Start();
  EXPECT_TRUE(Complains("TLS handshake: "));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(KubeSourceTest, TheServerNameThatWasGivenCounts) {
  server_.SetTls({authority_.Issue("x", "DNS:elsewhere"), ""});
  spec_.access.tls_server_name = "elsewhere";
  Sync();
}

TEST_F(KubeSourceTest, AClientCertificateProvesWhoWeAreAndIsReadAgainWhenReplaced) {
  const fakes::TestAuthority other;
  const PemPair wrong = other.Issue("nobody", "");
  spec_.access.token = std::nullopt;
  server_.faults().token = "";
  server_.SetTls({certificate_, authority_.pem()});
  spec_.access.client_certificate = ClientCertificate{
      FilePath{Write("client.crt", wrong.certificate)}, FilePath{Write("client.key", wrong.key)}};
  Start();
  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(server_.requests(), IsEmpty());

  const PemPair right = authority_.Issue("node", "");
  Write("client.crt", right.certificate);
  Write("client.key", right.key);
  EXPECT_TRUE(RunUntil([&] { return !batches_.empty(); }));
}

TEST_F(KubeSourceTest, ATokenIsReadAgainForEveryRequest) {
  spec_.access.token = FilePath{Write("token", "secret\n")};
  Sync();
  Write("token", "rotated\n");
  server_.faults().token = "rotated";
  ASSERT_TRUE(Fence());
  server_.SendBookmarks();
  ASSERT_TRUE(Fence());
  server_.EndWatches();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  EXPECT_EQ(server_.requests().back().authorization, "Bearer rotated");
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeSourceTest, AnAuthorityIsReadAgainWhenReplaced) {
  spec_.access.ca = FilePath{Write("ca.crt", authority_.pem())};
  Sync();
  const fakes::TestAuthority next;
  server_.SetTls({next.Issue("apiserver", "IP:127.0.0.1"), ""});
  server_.DropConnections();
  EXPECT_TRUE(Complains("TLS handshake: "));
  Write("ca.crt", next.pem());
  EXPECT_TRUE(Fence());
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeSourceTest, ATokenFileThatGoesIsNamedAndComesBack) {
  const std::string file = Write("token", "secret");
  spec_.access.token = FilePath{file};
  Sync();
  fs::remove(file);
  server_.DropConnections();
  EXPECT_TRUE(Complains(file + ": No such file or directory"));
  Write("token", "secret");
  EXPECT_TRUE(Fence());
}

TEST_F(KubeSourceTest, CredentialsThatCannotBeUsedAreAnErrorAtOnce) {
  const auto error = [&](const ClusterAccess& access) {
    KubeSource::Spec spec = spec_;
    spec.access = access;
    KubeSource source(io_, spec, *this);
    const Status started = source.Start();
    return started.ok() ? "no error" : started.error().message();
  };
  ClusterAccess access = spec_.access;
  access.token = FilePath{"/nowhere/token"};
  EXPECT_THAT(error(access), HasSubstr("/nowhere/token: No such file"));
  access = spec_.access;
  access.token = Inline{"two\r\nlines"};
  EXPECT_THAT(error(access), HasSubstr("token"));
  access = spec_.access;
  access.ca = Inline{"no pem"};
  EXPECT_THAT(error(access), HasSubstr("certificate authority: "));
  access.ca = FilePath{Write("ca.crt", "no pem")};
  EXPECT_THAT(error(access), HasSubstr("certificate authority in " + folder_.string() + "/ca.crt"));
  access = spec_.access;
  const PemPair one = authority_.Issue("a", "");
  const PemPair two = authority_.Issue("b", "");
  access.client_certificate = ClientCertificate{Inline{one.certificate}, Inline{two.key}};
  EXPECT_THAT(error(access), HasSubstr("client key"));
  access.client_certificate = ClientCertificate{FilePath{Write("c.crt", one.certificate)},
                                                FilePath{Write("c.key", two.key)}};
  EXPECT_THAT(error(access), HasSubstr("client key in " + folder_.string() + "/c.key"));
}

TEST_F(KubeSourceTest, DestroyingItSilencesIt) {
  Sync();
  server_.Put(kPods, "web", kPod);
  source_.reset();
  EXPECT_TRUE(RunUntil([&] {
    server_.SendBookmarks();  // only writing shows a server that its client is gone
    return server_.open_watches() == 0;
  }));
  EXPECT_EQ(batches_.size(), 1U);
}

TEST_F(KubeSourceTest, OnAThreadOfItsOwnItTellsTheListenersThread) {
  spec_.nodes = KubeSource::Nodes::kFollowed;
  server_.Put(kPods, "web", kPod);
  server_.Put(kPods, "bad", R"("spec":{"hostNetwork":"maybe"})");
  server_.Put(kNodes, "n1", R"("spec":{})");
  SourceThread source(io_, spec_, *this);
  ASSERT_TRUE(source.Start().ok());
  ASSERT_TRUE(RunUntil([&] { return !batches_.empty() && !node_batches_.empty(); }));
  EXPECT_THAT(batches_, ElementsAre(ElementsAre("+web")));
  EXPECT_TRUE(Complains("Pod shop/bad: spec.hostNetwork"));
  EXPECT_TRUE(Fence());
  EXPECT_THAT(threads_, ElementsAre(std::this_thread::get_id()));
}

TEST_F(KubeSourceTest, AThreadThatIsGoneTellsNothingAnyMore) {
  server_.Put(kPods, "web", kPod);
  auto source = std::make_unique<SourceThread>(io_, spec_, *this);
  ASSERT_TRUE(source->Start().ok());
  ASSERT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  // What has been handed over and not heard is not heard any more.
  source.reset();
  const size_t heard = batches_.size();
  io_.restart();
  io_.poll();
  EXPECT_EQ(batches_.size(), heard);
}

TEST_F(KubeSourceTest, AThreadReportsCredentialsThatCannotBeUsedAtOnce) {
  spec_.access.token = FilePath{"/nonexistent/token"};
  SourceThread source(io_, spec_, *this);
  const Status started = source.Start();
  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("/nonexistent/token"));
}

}  // namespace
}  // namespace sluice::kube
