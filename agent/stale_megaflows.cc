#include "agent/stale_megaflows.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "agent/unixctl/control_socket.h"
#include "agent/unixctl/daemon.h"

namespace sluice {
namespace {

using Clock = std::chrono::steady_clock;

// The main loop of a switch that is busy takes a while to come round.
constexpr std::chrono::milliseconds kDeadline{10'000};

// Without the way there and back, and what else the switch was busy with.
reconcile::MegaflowPurge::Duration TimeOf(Clock::duration purge, Clock::duration purge_of_nothing) {
  return std::chrono::duration_cast<reconcile::MegaflowPurge::Duration>(
      std::max(purge - purge_of_nothing, Clock::duration::zero()));
}

}  // namespace

StaleMegaflows::StaleMegaflows(boost::asio::io_context& io, std::string ovs_rundir,
                               reconcile::MegaflowPurge::Schedule schedule)
    : io_(io),
      ovs_rundir_(std::move(ovs_rundir)),
      purge_([this](Done done) { Begin(std::move(done)); }, std::move(schedule)) {}

// Twice: a purge passes over the megaflow that a revalidator holds at that moment, and after a
// bundle one is mostly under way. The second one finds little and costs little.
void StaleMegaflows::Begin(Done done) {
  // Each time: a switch that starts again has another one.
  const auto socket = unixctl::FindControlSocket(ovs_rundir_);
  if (!socket.ok()) {
    boost::asio::post(io_, [done = std::move(done), error = socket.error()] { done(error); });
    return;
  }
  const unixctl::Daemon daemon{.socket_path = *socket, .deadline = kDeadline};
  const unixctl::Call call{"revalidator/purge", {}};
  const auto again = [this, daemon, call, done = std::move(done),
                      begun = Clock::now()](const Result<std::string>& first) {
    if (!first.ok()) return done(first.error());
    const Clock::time_point between = Clock::now();
    unixctl::CallDaemon(io_, daemon, call,
                        [done, begun, between](const Result<std::string>& second) {
                          if (!second.ok()) return done(second.error());
                          done(TimeOf(between - begun, Clock::now() - between));
                        });
  };
  unixctl::CallDaemon(io_, daemon, call, again);
}

}  // namespace sluice
