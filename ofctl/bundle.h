// A FlowDelta as one OpenFlow bundle (OpenFlow 1.5, 7.3.9): what is sent, and what the answers
// mean. Pure.
//
//   OPEN, deletions, additions, CLOSE →        one stream, not waiting for anything
//                                     ← CLOSE reply; any error since OPEN?
//   COMMIT if there was none, else DISCARD →
//
// A message that the switch refuses is reported and is simply not in the bundle: a COMMIT after it
// would install the rest. After a timeout of the switch's, an addition even opens the bundle again.
// Hence: one error, no COMMIT; and no bundle id is used twice.
#pragma once

#include <optional>
#include <vector>

#include "ofctl/bridge.h"
#include "ofctl/codec.h"

namespace sluice::ofctl {

// What a bundle is made of. `hidden` are flows of others that no FlowKey can name.
struct BundleContent {
  SharedDelta delta;  // never null
  std::vector<RawFlow> hidden;

  size_t size() const { return delta->size() + hidden.size(); }
};

// Where a bundle's messages are found in the sequence of xids.
struct BundleXids {
  Xid first;
  uint32_t messages = 0;

  // OPEN, the messages, CLOSE, COMMIT, DISCARD.
  static uint32_t CountFor(const BundleContent& content) {
    return static_cast<uint32_t>(content.size()) + 4;
  }
  Xid open() const { return first; }
  Xid message(uint32_t index) const { return {first.value + 1 + index}; }
  Xid close() const { return {first.value + 1 + messages}; }
  Xid commit() const { return {first.value + 2 + messages}; }
  Xid discard() const { return {first.value + 3 + messages}; }
  // The index of the message with this xid, if it is one of them. Xids may wrap around.
  std::optional<uint32_t> IndexOf(Xid xid) const;
};

// A flow that cannot be part of the bundle, and why.
struct Refusal {
  std::optional<FlowKey> key;  // absent for a hidden flow
  std::string why;
};

// The stream from OPEN to CLOSE, in pieces. `content` must outlive it.
class BundleEncoder {
 public:
  struct Spec {
    BundleId bundle;
    Xid first;
  };
  BundleEncoder(const BundleContent& content, const Spec& spec);

  // At least `size` bytes of whole messages, fewer only at the end. Flows that cannot be encoded
  // are left out and added to `refusals`.
  Message Next(size_t size, std::vector<Refusal>& refusals);
  bool done() const { return done_; }
  const BundleXids& xids() const { return xids_; }
  std::optional<FlowKey> KeyOf(uint32_t index) const;

 private:
  Status Append(uint32_t index, Message& out) const;

  const BundleContent& content_;
  BundleId bundle_;
  BundleXids xids_;
  uint32_t next_ = 0;
  bool opened_ = false;
  bool done_ = false;
};

// What to do after an answer of the switch.
enum class BundleDecision : uint8_t { kWait, kCommit, kDiscard, kSucceeded, kFailed };

// The answers so far.
class BundleExchange {
 public:
  explicit BundleExchange(const BundleXids& xids) : xids_(xids) {}

  void OnRefusal(Refusal refusal) { refusals_.push_back(std::move(refusal)); }
  // `key` is that of the message with the xid of `error`, if it is one.
  BundleDecision OnError(const SwitchError& error, const std::optional<FlowKey>& key);
  BundleDecision OnReply(BundleStep step);
  // Why the bundle failed; all refused flows by name.
  CommitError Failure() const;

 private:
  enum class State : uint8_t { kFilling, kCommitting, kDiscarding, kOver };
  BundleDecision Decide();

  BundleXids xids_;
  State state_ = State::kFilling;
  std::vector<Refusal> refusals_;
};

}  // namespace sluice::ofctl
