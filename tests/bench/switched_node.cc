#include "tests/bench/switched_node.h"

#include <glog/logging.h>

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/bench/measure.h"

namespace sluice::bench {

BenchSwitch::BenchSwitch() : sandbox_(fakes::OvsSandbox::Datapath::kDummy) {
  const std::string bridge = kBridge;
  sandbox_.Vsctl("add-br " + bridge + " -- set bridge " + bridge +
                 " datapath_type=dummy fail_mode=secure");
}

void BenchSwitch::Clear() {
  sandbox_.Ofctl("del-flows " + std::string(kBridge));
  constexpr double kAtRest = 0.001;  // seconds of CPU time in each of these
  constexpr std::chrono::milliseconds kWindow{50};
  for (double before = CpuSecondsOf(sandbox_.switch_pid());;) {
    std::this_thread::sleep_for(kWindow);
    const double now = CpuSecondsOf(sandbox_.switch_pid());
    if (now - before < kAtRest) return;
    before = now;
  }
}

SwitchedNode::SwitchedNode(const std::string& socket_path)
    : bridge_(io_, {.connection = {.socket_path = socket_path}}, relay_),
      reconciler_(bridge_, state(), [this](uint32_t delay_ms, std::function<void()> work) {
        Later(delay_ms, std::move(work));
      }) {
  relay_.to = &reconciler_;
}

void SwitchedNode::Start() {
  Dial();
  Finish();
}

void SwitchedNode::Finish() {
  reconciler_.OnSourcesSynced();
  AwaitIdle();
}

void SwitchedNode::Turn() {
  io_.restart();
  io_.poll();
}

void SwitchedNode::AwaitIdle() {
  reconciler_.Poke();
  RunUntil([this] { return reconciler_.idle(); });
  CHECK_EQ(reconciler_.counters().commit_failures, 0u) << reconciler_.last_error();
}

void SwitchedNode::Later(uint32_t delay_ms, std::function<void()> work) {
  if (delay_ms == 0) return boost::asio::post(io_, std::move(work));
  auto timer =
      std::make_shared<boost::asio::steady_timer>(io_, std::chrono::milliseconds(delay_ms));
  timer->async_wait([timer, work = std::move(work)](const auto& error) {
    if (!error) work();
  });
}

void SwitchedNode::RunUntil(const std::function<bool()>& done) {
  while (!done()) {
    io_.restart();
    io_.run_one();
  }
}

size_t SwitchedNode::Commit() {
  const uint64_t before = reconciler_.counters().flow_mods;
  bool installed = false;
  reconciler_.Poke();
  reconciler_.AwaitInstalled([&installed] { installed = true; });
  RunUntil([&installed] { return installed; });
  CHECK_EQ(reconciler_.counters().commit_failures, 0u) << reconciler_.last_error();
  return reconciler_.counters().flow_mods - before;
}

void SwitchedNode::CommitOneFlow() {
  constexpr uint8_t kUnusedTable = 200;
  ofctl::FlowDelta delta;
  delta.set.push_back({{kUnusedTable, 1, ofctl::Match().Exact(ofctl::Field::kReg0, ++written_)},
                       {0, {ofctl::GotoTable{kUnusedTable + 1}}}});
  bool done = false;
  bridge_.Commit(std::make_shared<const ofctl::FlowDelta>(delta),
                 [&done](const std::optional<ofctl::CommitError>& error) {
                   CHECK(!error) << error->error.message();
                   done = true;
                 });
  RunUntil([&done] { return done; });
}

}  // namespace sluice::bench
