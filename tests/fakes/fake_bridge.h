// FakeBridge: a switch that is a FlowMap, with the failures of a real one on demand.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <unordered_set>

#include "ofctl/bridge.h"
#include "tests/fakes/manual_loop.h"

namespace sluice::fakes {

class FakeBridge : public ofctl::Bridge {
 public:
  // Both borrowed.
  explicit FakeBridge(ManualLoop& loop) : loop_(loop) {}
  void Listen(Listener& listener) { listener_ = &listener; }

  void Connect();
  // Every outstanding request is answered kUnavailable, after the listener has heard of it.
  void Disconnect();

  // What happened to a bundle whose sender only hears that it failed.
  enum class Fate : uint8_t { kLost, kApplied };
  // The `nth` commit from now (1: the next) fails without naming a flow.
  struct Failure {
    size_t nth = 1;
    Fate fate = Fate::kLost;
  };
  void FailCommit(const Failure& failure) { failure_ = failure; }
  // Commits that set the key are refused as a whole, naming the key.
  void Refuse(const ofctl::FlowKey& key) { refused_.insert(key); }
  void RefuseRemovalOf(const ofctl::FlowKey& key) { refused_removals_.insert(key); }
  void Accept(const ofctl::FlowKey& key) { refused_.erase(key), refused_removals_.erase(key); }
  // From now on answers wait: what they answer has happened already.
  void HoldAnswers() { holding_ = true; }
  void ReleaseAnswers();

  // Somebody else's change: made, and reported.
  void Foreign(const ofctl::ForeignChange& change);

  const ofctl::FlowMap& flows() const { return flows_; }
  ofctl::FlowMap& flows() { return flows_; }
  size_t commits() const { return commits_; }  // asked for, whatever became of them
  size_t dumps() const { return dumps_; }
  const ofctl::FlowDelta& last_delta() const { return last_delta_; }

  void Dump(DumpCallback done) override;
  void Commit(ofctl::SharedDelta delta, CommitCallback done) override;

 private:
  struct Answer {
    std::function<void()> give;
    std::function<void()> lost;  // the connection went first
  };
  void Send(Answer answer);
  std::optional<ofctl::CommitError> Execute(const ofctl::FlowDelta& delta);

  ManualLoop& loop_;
  Listener* listener_ = nullptr;
  bool connected_ = false;
  bool holding_ = false;
  bool committing_ = false;
  ofctl::FlowMap flows_;
  std::optional<Failure> failure_;
  std::unordered_set<ofctl::FlowKey, ofctl::FlowKeyHash> refused_;
  std::unordered_set<ofctl::FlowKey, ofctl::FlowKeyHash> refused_removals_;
  std::deque<Answer> answers_;
  size_t commits_ = 0;
  size_t dumps_ = 0;
  ofctl::FlowDelta last_delta_;
};

}  // namespace sluice::fakes
