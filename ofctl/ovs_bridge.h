// OvsBridge: a Bridge over the management socket of a real Open vSwitch.
//
// On every connection a flow monitor is installed first; only then the listener hears OnConnected.
// From there on a dump plus the changes reported are the whole truth: what is committed here comes
// back in short form and is left out, all else is reported.
//
// Flows of others whose match FlowKey cannot say appear under the key of the part that it can, with
// a Foreign action; setting or removing that key deletes them, too.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

#include "ofctl/bridge.h"
#include "ofctl/bundle.h"
#include "ofctl/connection.h"

namespace sluice::ofctl {

class OvsBridge : public Bridge, private Connection::Handler {
 public:
  struct Spec {
    Connection::Options connection;
    // After that the switch's state is unknown: the connection is given up.
    Connection::Duration commit_deadline = std::chrono::seconds(10);
    Connection::Duration dump_deadline = std::chrono::seconds(10);
  };

  // `listener` must outlive the bridge. Callbacks that are due when the bridge dies do not run.
  OvsBridge(boost::asio::io_context& io, Spec spec, Listener& listener);
  ~OvsBridge();
  OvsBridge(const OvsBridge&) = delete;
  OvsBridge& operator=(const OvsBridge&) = delete;

  void Start();
  // Ends the connection, for good. Dumps and commits under way fail with kUnavailable; the listener
  // hears OnDisconnected if it heard OnConnected.
  void Stop();

  void Dump(DumpCallback done) override;
  void Commit(SharedDelta delta, CommitCallback done) override;

 private:
  using HiddenFlows = std::unordered_map<FlowKey, std::vector<RawFlow>, FlowKeyHash>;
  struct PendingDump;
  struct PendingCommit;

  void OnUp() override;
  void OnReceived(Received message) override;
  void OnRoom() override { SendCommit(); }
  void OnDown(const Error& why) override;

  void Receive(BarrierReply reply);
  void Receive(const SwitchError& error);
  void Receive(const BundleReply& reply);
  void Receive(FlowStats stats);
  void Receive(FlowUpdates updates);

  Xid TakeXids(uint32_t count);
  void Post(std::function<void()> callback);
  void SendCommit();
  void Follow(BundleDecision decision);
  void EndCommit(std::optional<CommitError> error);
  void EndDump(Xid xid, Result<FlowMap> result);
  void Expect(boost::asio::steady_timer& timer, Connection::Duration wait,
              std::function<void()> too_late);
  std::vector<RawFlow> HiddenUnder(const FlowDelta& delta) const;
  void ForgetHidden(const BundleContent& deleted);

  boost::asio::io_context& io_;
  Spec spec_;
  Listener& listener_;
  std::shared_ptr<Connection> connection_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // token of posted callbacks
  // Connected, and the monitor is in place.
  enum class Watch : uint8_t { kNone, kInstalling, kInPlace } watch_ = Watch::kNone;
  Xid monitor_xid_;
  Xid barrier_xid_;
  uint32_t next_xid_ = 1;
  uint32_t next_bundle_ = 1;
  std::vector<std::unique_ptr<PendingDump>> dumps_;
  std::unique_ptr<PendingCommit> commit_;
  HiddenFlows hidden_;
};

}  // namespace sluice::ofctl
