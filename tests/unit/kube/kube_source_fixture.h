// A KubeSource that follows a fake apiserver, and what it has told its listener.
#pragma once

#include <gmock/gmock.h>

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "agent/kube/kube_source.h"
#include "tests/fakes/api_server_fixture.h"

namespace sluice::kube {

inline const std::string kNodes = "/api/v1/nodes";
inline const std::string kPods = "/api/v1/pods";
inline const std::string kNamespaces = "/api/v1/namespaces";
inline const std::string kPolicies = "/apis/networking.k8s.io/v1/networkpolicies";
inline constexpr const char* kPod = R"("spec":{"containers":[]},"status":{"phase":"Running"})";

class KubeSourceFixture : public fakes::ApiServerFixture, public KubeSource::Listener {
 protected:
  KubeSourceFixture() {
    spec_.access = Access();
    spec_.access.token = Inline{"secret"};
    spec_.backoff = {.first = std::chrono::milliseconds(2), .max = std::chrono::milliseconds(20)};
    server_.faults().token = "secret";
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
  // A change that is certain to be told after everything before it.
  bool Fence() {
    const std::string name = "fence" + std::to_string(++fence_);
    server_.Put(kPods, name, kPod);
    return RunUntil([&] { return objects_.contains(name); });
  }
  bool Complains(const std::string& text) {
    return RunUntil(
        [&] { return testing::Value(complaints_, testing::Contains(testing::HasSubstr(text))); });
  }
  size_t Lists() const {
    size_t count = 0;
    for (const auto& request : server_.requests()) {
      count += request.Query("resourceVersion").empty() ? 1 : 0;
    }
    return count;
  }

  KubeSource::Spec spec_;
  std::unique_ptr<KubeSource> source_;
  std::vector<std::vector<std::string>> batches_;
  std::vector<std::vector<std::string>> node_batches_;
  std::set<std::string> objects_;
  std::set<std::thread::id> threads_;  // that the listener was called by
  std::vector<std::string> complaints_;
  std::vector<std::string> all_complaints_;
  int fence_ = 0;
};

}  // namespace sluice::kube
