// SwitchedNode: a node with a real ovs-vswitchd (a private one, dummy datapath) and the real
// reconciler: a commit ends with the switch's reply.
#pragma once

#include <boost/asio/io_context.hpp>

#include "agent/reconcile/flow_reconciler.h"
#include "ofctl/ovs_bridge.h"
#include "tests/bench/node.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::bench {

class SwitchedNode : public Node {
 public:
  SwitchedNode();
  ~SwitchedNode() override { bridge_.Stop(); }

  size_t Commit() override;
  // The floor: a bundle of one flow, and its reply.
  void CommitOneFlow();

 private:
  struct Relay : ofctl::Bridge::Listener {
    void OnConnected() override { to->OnConnected(); }
    void OnDisconnected(const Error& why) override { to->OnDisconnected(why); }
    void OnForeignChange(const ofctl::ForeignChange& change) override {
      to->OnForeignChange(change);
    }
    ofctl::Bridge::Listener* to = nullptr;
  };

  ofctl::OvsBridge::Spec BridgeSpec();
  void Later(uint32_t delay_ms, std::function<void()> work);
  void RunUntil(const bool& done);

  fakes::OvsSandbox sandbox_;
  boost::asio::io_context io_;
  Relay relay_;
  ofctl::OvsBridge bridge_;
  reconcile::FlowReconciler reconciler_;
  uint32_t written_ = 0;
};

}  // namespace sluice::bench
