#include "tests/fakes/fake_bridge.h"

#include <glog/logging.h>

#include <utility>

namespace sluice::fakes {

void FakeBridge::Connect() {
  loop_.Post(0, [this] {
    connected_ = true;
    listener_->OnConnected();
  });
  loop_.RunDue();
}

void FakeBridge::Disconnect() {
  connected_ = false;
  committing_ = false;
  loop_.Post(0, [this, lost = std::exchange(answers_, {})] {
    listener_->OnDisconnected(Unavailable("connection closed"));
    for (const Answer& answer : lost) answer.lost();
  });
  loop_.RunDue();
}

void FakeBridge::Foreign(const ofctl::ForeignChange& change) {
  if (change.body) {
    flows_.insert_or_assign(change.key, *change.body);
  } else {
    flows_.erase(change.key);
  }
  loop_.Post(0, [this, change] { listener_->OnForeignChange(change); });
  loop_.RunDue();
}

void FakeBridge::Dump(DumpCallback done) {
  ++dumps_;
  Send({[done, flows = flows_] { done(flows); }, [done] { done(Unavailable("connection lost")); }});
}

void FakeBridge::Commit(ofctl::SharedDelta delta, CommitCallback done) {
  CHECK(!committing_) << "one commit at a time";
  ++commits_;
  last_delta_ = *delta;
  committing_ = true;
  auto failure =
      connected_ ? Execute(*delta) : ofctl::CommitError{Unavailable("not connected"), {}};
  Send({[this, done, failure] {
          committing_ = false;
          done(failure);
        },
        [done] {
          done(ofctl::CommitError{Unavailable("connection lost"), {}});
        }});
}

std::optional<ofctl::CommitError> FakeBridge::Execute(const ofctl::FlowDelta& delta) {
  if (failure_ && --failure_->nth == 0) {
    if (std::exchange(failure_, std::nullopt)->fate == Fate::kApplied) {
      ofctl::Apply(delta, flows_);
    }
    return ofctl::CommitError{Timeout("no answer to the bundle"), {}};
  }
  ofctl::CommitError error{Refused("the switch refused flows"), {}};
  for (const ofctl::Flow& flow : delta.set) {
    if (refused_.contains(flow.key)) error.refused.push_back(flow.key);
  }
  for (const ofctl::FlowKey& key : delta.remove) {
    if (refused_removals_.contains(key)) error.refused.push_back(key);
  }
  if (!error.refused.empty()) return error;
  ofctl::Apply(delta, flows_);
  return std::nullopt;
}

void FakeBridge::Send(Answer answer) {
  answers_.push_back(std::move(answer));
  if (holding_) return;
  loop_.Post(0, [this] {
    if (holding_ || answers_.empty()) return;
    const Answer next = std::move(answers_.front());
    answers_.pop_front();
    next.give();
  });
}

void FakeBridge::ReleaseAnswers() {
  holding_ = false;
  for (const Answer& answer : std::exchange(answers_, {})) loop_.Post(0, answer.give);
  loop_.RunDue();
}

}  // namespace sluice::fakes
