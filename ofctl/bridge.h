// Bridge: one Open vSwitch bridge, seen as a table of flows that can be read, changed atomically,
// and watched. An interface, so that reconcile can be tested against a fake that fails on demand.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ofctl/base/result.h"
#include "ofctl/flow.h"
#include "ofctl/flow_diff.h"

namespace sluice::ofctl {

// Why a delta is not in the switch. `refused` names the flows that the switch answered an error
// for; empty when the failure is not about single flows (connection lost, timeout).
struct CommitError {
  Error error;
  std::vector<FlowKey> refused;
};

// A change that somebody else made to the flows, as the flow monitor reports it.
struct ForeignChange {
  FlowKey key;
  std::optional<FlowBody> body;  // absent: the flow was deleted
};

class Bridge {
 public:
  using DumpCallback = std::function<void(Result<FlowMap>)>;
  // Absent: committed, every flow of the delta is in the switch.
  using CommitCallback = std::function<void(std::optional<CommitError>)>;

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnConnected() = 0;
    virtual void OnDisconnected(const Error& why) = 0;
    virtual void OnForeignChange(const ForeignChange& change) = 0;
  };

  virtual ~Bridge() = default;

  // All flows of the bridge. Callbacks always run later, never inside the call, and always run:
  // with kUnavailable if the connection is or gets lost.
  virtual void Dump(DumpCallback done) = 0;

  // One ORDERED|ATOMIC bundle: the whole delta or nothing. An empty delta still asks the switch.
  // One commit at a time; CHECKs. `delta` is not looked at any more when `done` runs.
  virtual void Commit(SharedDelta delta, CommitCallback done) = 0;
};

}  // namespace sluice::ofctl
