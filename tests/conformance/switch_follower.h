// SwitchFollower: keeps a real ovs-vswitchd (dummy datapath, no packets, no root) at what a
// DesiredState wants, through the agent's own FlowReconciler and OvsBridge.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "agent/reconcile/flow_reconciler.h"
#include "ofctl/ovs_bridge.h"
#include "tests/fakes/ovs_sandbox.h"

namespace sluice::conformance {

inline constexpr char kBridge[] = "br0";

class SwitchFollower : private ofctl::Bridge::Listener {
 public:
  SwitchFollower();

  // The bridge has the port of that number; its name is PortName.
  void EnsurePort(OfPort port);
  static std::string PortName(OfPort port) { return "p" + std::to_string(port.value); }

  // Back when the switch holds all that `desired` wants and nothing else. `desired` must live until
  // another one is followed or the follower ends.
  enum class Whose : uint8_t { kSameAsBefore, kNew };
  Status Follow(reconcile::DesiredState& desired, Whose whose);

  const fakes::OvsSandbox& sandbox() const { return sandbox_; }

 private:
  void OnConnected() override;
  void OnDisconnected(const Error& why) override;
  void OnForeignChange(const ofctl::ForeignChange& change) override;

  void Schedule(uint32_t delay_ms, std::function<void()> work);
  // Runs the event loop until then; Timeout if it never comes.
  Status RunUntil(const std::function<bool()>& done, const std::string& what);

  fakes::OvsSandbox sandbox_{fakes::OvsSandbox::Datapath::kDummy};
  boost::asio::io_context io_;
  std::unique_ptr<reconcile::FlowReconciler> reconciler_;
  std::unique_ptr<ofctl::OvsBridge> bridge_;
  bool connected_ = false;
  std::optional<Error> lost_;
  uint32_t ports_until_ = 0;  // pod ports below are there
};

}  // namespace sluice::conformance
