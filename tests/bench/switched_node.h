// SwitchedNode: a node with a real ovs-vswitchd (a private one, dummy datapath) and the real
// reconciler: a commit ends with the switch's reply.
#pragma once

#include <boost/asio/io_context.hpp>

#include "agent/reconcile/flow_reconciler.h"
#include "ofctl/ovs_bridge.h"
#include "tests/bench/node.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::bench {

// A private switch with the bridge.
class BenchSwitch {
 public:
  BenchSwitch();

  fakes::OvsSandbox& sandbox() { return sandbox_; }
  std::string socket_path() const { return sandbox_.mgmt_socket(kBridge); }
  // An empty bridge again, and a switch at rest: it frees what was deleted in a thread of its own,
  // for some tenths of a second at 100,000 flows, and whoever installs meanwhile pays for it.
  void Clear();

  static constexpr char kBridge[] = "br0";

 private:
  fakes::OvsSandbox sandbox_;
};

class SwitchedNode : public Node {
 public:
  explicit SwitchedNode(const std::string& socket_path);
  ~SwitchedNode() override { bridge_.Stop(); }

  // Dials the switch, and returns when it holds what is desired by then.
  void Start();
  // The same in two: dials, and is told that all objects have been heard.
  void Dial() { bridge_.Start(); }
  void Finish();
  // What the loop has to do by now.
  void Turn();
  // Runs the loop until the switch holds what is desired; CHECKs that nothing was refused.
  void AwaitIdle();
  // Lets the loop run until then.
  void RunUntil(const std::function<bool()>& done);

  size_t Commit() override;
  // The floor: a bundle of one flow, and its reply.
  void CommitOneFlow();

  boost::asio::io_context& io() { return io_; }
  reconcile::FlowReconciler& reconciler() { return reconciler_; }

 private:
  struct Relay : ofctl::Bridge::Listener {
    void OnConnected() override { to->OnConnected(); }
    void OnDisconnected(const Error& why) override { to->OnDisconnected(why); }
    void OnForeignChange(const ofctl::ForeignChange& change) override {
      to->OnForeignChange(change);
    }
    ofctl::Bridge::Listener* to = nullptr;
  };

  void Later(uint32_t delay_ms, std::function<void()> work);

  boost::asio::io_context io_;
  Relay relay_;
  ofctl::OvsBridge bridge_;
  reconcile::FlowReconciler reconciler_;
  uint32_t written_ = 0;
};

}  // namespace sluice::bench
