// A call of a daemon's control socket that keeps nobody waiting.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <string>

#include "agent/unixctl/call.h"
#include "ofctl/base/result.h"

namespace sluice::unixctl {

struct Daemon {
  std::string socket_path;
  std::chrono::milliseconds deadline;  // for the whole call
};

// `done` runs once, later: with the answer, Refused with the daemon's words, Unavailable if it is
// not there or goes away, Timeout if it is silent (and may yet do what was asked).
void CallDaemon(boost::asio::io_context& io, const Daemon& daemon, const Call& call,
                std::function<void(Result<std::string>)> done);

}  // namespace sluice::unixctl
