// sluice-agent: one per node. Reads its command line, runs the event loop until told to stop.
#include <gflags/gflags.h>
#include <glog/logging.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <iostream>
#include <optional>

#include "agent/agent.h"
#include "agent/freed_memory.h"
#include "agent/http/server.h"
#include "agent/options.h"
#include "agent/startup.h"

int main(int argc, char** argv) {
  gflags::SetUsageMessage("enforces NetworkPolicies on this node's Open vSwitch bridge");
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  google::InitGoogleLogging(argv[0]);
  if (argc > 1) {
    std::cerr << "sluice-agent: unexpected argument \"" << argv[1] << "\"\n";
    return 2;
  }
  const sluice::Result<sluice::Options> options = sluice::OptionsFromFlags();
  if (!options.ok()) {
    std::cerr << "sluice-agent: " << options.error().message() << "\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);
  sluice::FreedMemory::JoinBlocksWhenFreed();

  boost::asio::io_context io(1);
  std::optional<sluice::Agent> agent;
  sluice::Status failed;
  const auto begin = [&](const sluice::Result<sluice::Options>& complete) {
    if (complete.ok()) agent.emplace(io, *complete);
    failed = complete.ok() ? agent->Start() : complete.error();
    if (!failed.ok()) io.stop();
  };
  sluice::Startup startup(io, *options, begin);
  std::optional<sluice::http::Server> pages;
  if (options->http_address) {
    pages.emplace(io, sluice::http::Server::Spec{*options->http_address, {}, {}},
                  [&](std::string_view path) {
                    return sluice::http::AnswerPage(agent ? agent->Pages() : startup.Pages(), path);
                  });
    if (const sluice::Status started = pages->Start(); !started.ok()) {
      std::cerr << "sluice-agent: --http_address: " << started.error().message() << "\n";
      return 1;
    }
  }
  if (const sluice::Status started = startup.Start(); !started.ok()) failed = started;
  // Stopping leaves the flows as they are: enforcement goes on without the agent.
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
  if (failed.ok()) io.run();
  if (failed.ok()) return 0;
  std::cerr << "sluice-agent: " << failed.error().message() << "\n";
  return 1;
}
