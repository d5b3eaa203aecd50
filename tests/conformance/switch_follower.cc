#include "tests/conformance/switch_follower.h"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>

#include "tests/conformance/stage.h"

namespace sluice::conformance {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr uint32_t kPortsAtOnce = 32;

std::string AddPort(OfPort port) {
  const std::string name = SwitchFollower::PortName(port);
  return " -- add-port " + std::string(kBridge) + " " + name + " -- set interface " + name +
         " type=dummy ofport_request=" + std::to_string(port.value);
}

}  // namespace

SwitchFollower::SwitchFollower() {
  const std::string bridge = kBridge;
  sandbox_.Vsctl("add-br " + bridge + " -- set bridge " + bridge +
                 " datapath_type=dummy fail_mode=secure" + AddPort(TestNode().gateway));
  ports_until_ = kFirstPodPort;
  ofctl::OvsBridge::Spec spec;
  spec.connection.socket_path = sandbox_.mgmt_socket(bridge);
  ofctl::Bridge::Listener& listener = *this;
  bridge_ = std::make_unique<ofctl::OvsBridge>(io_, spec, listener);
  bridge_->Start();
}

void SwitchFollower::EnsurePort(OfPort port) {
  if (port.value < ports_until_) return;
  std::string command = "--";
  for (const uint32_t until = port.value + kPortsAtOnce; ports_until_ < until; ++ports_until_) {
    command += AddPort(OfPort{ports_until_});
  }
  sandbox_.Vsctl(command);
}

Status SwitchFollower::Follow(reconcile::DesiredState& desired, Whose whose) {
  if (whose == Whose::kNew) reconciler_.reset();  // what it knows may be gone already
  SLUICE_RETURN_IF_ERROR(RunUntil([&] { return connected_; }, "the connection to the switch"));
  if (!reconciler_) {
    // Reads the flows back first, as an agent does that has just been started.
    reconciler_ = std::make_unique<reconcile::FlowReconciler>(
        *bridge_, desired, [this](uint32_t delay_ms, std::function<void()> work) {
          Schedule(delay_ms, std::move(work));
        });
    reconciler_->OnSourcesSynced();
    reconciler_->OnConnected();
  }
  bool installed = false;
  reconciler_->AwaitInstalled([&] { installed = true; });
  SLUICE_RETURN_IF_ERROR(
      RunUntil([&] { return installed && reconciler_->idle(); }, "the flows to be installed"));
  if (reconciler_->counters().commit_failures > 0) {
    return Refused("the switch refused flows: " + reconciler_->last_error());
  }
  if (reconciler_->counters().foreign_changes > 0) {
    return Internal("flows changed in the switch that nobody but the reconciler touches");
  }
  return Ok();
}

void SwitchFollower::Schedule(uint32_t delay_ms, std::function<void()> work) {
  if (delay_ms == 0) return boost::asio::post(io_, std::move(work));
  auto timer =
      std::make_shared<boost::asio::steady_timer>(io_, std::chrono::milliseconds(delay_ms));
  timer->async_wait([timer, work = std::move(work)](const boost::system::error_code& error) {
    if (!error) work();
  });
}

Status SwitchFollower::RunUntil(const std::function<bool()>& done, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  // Everything that is due runs, too: no callback of this reconciler is left for the next one.
  while (io_.poll() > 0 || !done()) {
    if (lost_) return lost_->Context("waiting for " + what);
    if (std::chrono::steady_clock::now() > deadline) {
      return Timeout("waiting for " + what +
                     (reconciler_ ? ": " + reconciler_->last_error() : std::string()));
    }
    if (!done()) io_.run_one_for(std::chrono::milliseconds(100));
  }
  return Ok();
}

void SwitchFollower::OnConnected() { connected_ = true; }

void SwitchFollower::OnDisconnected(const Error& why) {
  connected_ = false;
  lost_ = why;
}

void SwitchFollower::OnForeignChange(const ofctl::ForeignChange& change) {
  if (reconciler_) reconciler_->OnForeignChange(change);
}

}  // namespace sluice::conformance
