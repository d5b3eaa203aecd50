#include <glog/logging.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <fstream>

#include "ofctl/flow_diff.h"
#include "ofctl/ovs_bridge.h"
#include "tests/bench/measure.h"
#include "tests/bench/raw_switch.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"

namespace sluice::bench {
namespace {

constexpr size_t kFlows = 100'000;
constexpr int kRounds = 6;  // each of the peers begins two of them

// ofctl's bridge alone, driven until it has answered.
class Bridge : ofctl::Bridge::Listener {
 public:
  explicit Bridge(const std::string& socket_path)
      : bridge_(io_, {.connection = {.socket_path = socket_path}}, *this) {
    bridge_.Start();
    Run(connected_);
  }
  ~Bridge() override { bridge_.Stop(); }

  void Install(const ofctl::SharedDelta& delta) {
    bool done = false;
    bridge_.Commit(delta, [&done](const std::optional<ofctl::CommitError>& error) {
      CHECK(!error) << error->error.message();
      done = true;
    });
    Run(done);
  }

 private:
  void OnConnected() override { connected_ = true; }
  void OnDisconnected(const Error&) override {}
  void OnForeignChange(const ofctl::ForeignChange&) override {}
  void Run(const bool& done) {
    while (!done) io_.run_one();
  }

  boost::asio::io_context io_;
  bool connected_ = false;
  ofctl::OvsBridge bridge_;
};

// The first flows of a node's that has more.
ofctl::FlowMap RealMix() {
  Node node;
  Follow(DenseNodeViewOf(kFlows), node, [](auto work) { work(); });
  CHECK_GE(node.installed().size(), kFlows);
  ofctl::FlowMap flows;
  for (const auto& [key, body] : node.installed()) {
    if (flows.size() == kFlows) break;
    flows.emplace(key, body);
  }
  return flows;
}

void WriteText(const ofctl::FlowMap& flows, const std::string& path) {
  std::ofstream file(path);
  for (const auto& [key, body] : flows) file << ofctl::ToString(ofctl::Flow{key, body}) << '\n';
  CHECK(file.good()) << path;
}

double Seconds(const std::function<void()>& work) {
  Stopwatch watch(WallSeconds);
  watch.Time(work);
  return watch.seconds();
}

struct Samples {
  std::vector<double> ofctl, raw, ovs_ofctl, cpu;
};

// What all of them install.
struct Load {
  explicit Load(const ofctl::FlowMap& flows)
      : encoded(Encoded(flows)),
        delta(std::make_shared<const ofctl::FlowDelta>(ofctl::Diff(flows, {}))) {}

  EncodedBundle encoded;
  ofctl::SharedDelta delta;
  std::string text;  // a file
};

void ByRawBytes(BenchSwitch& bridge, const Load& load, Samples& samples) {
  RawSwitch raw(bridge.socket_path());
  samples.raw.push_back(Seconds([&] { raw.Install(load.encoded); }));
}

void ByOfctl(BenchSwitch& bridge, const Load& load, Samples& samples) {
  Bridge ours(bridge.socket_path());
  const double before = CpuSeconds();
  samples.ofctl.push_back(Seconds([&] { ours.Install(load.delta); }));
  samples.cpu.push_back(CpuSeconds() - before);
}

void ByOvsOfctl(BenchSwitch& bridge, const Load& load, Samples& samples) {
  const std::string command =
      "--bundle replace-flows " + std::string(BenchSwitch::kBridge) + " " + load.text;
  samples.ovs_ofctl.push_back(Seconds([&] { bridge.sandbox().Ofctl(command); }));
}

// Each of the three on an empty bridge, in turn; another one begins each time.
void Round(int number, BenchSwitch& bridge, const Load& load, Samples& samples) {
  constexpr std::array kPeers = {ByRawBytes, ByOfctl, ByOvsOfctl};
  for (size_t i = 0; i < kPeers.size(); ++i) {
    bridge.Clear();
    kPeers.at((static_cast<size_t>(number) + i) % kPeers.size())(bridge, load, samples);
  }
}

Figures InTurn() {
  const ofctl::FlowMap flows = RealMix();
  BenchSwitch bridge;
  Load load(flows);
  load.text = bridge.sandbox().rundir() + "/flows.txt";
  WriteText(flows, load.text);
  Samples warm_up;
  Round(0, bridge, load, warm_up);
  Samples samples;
  for (int round = 0; round < kRounds; ++round) Round(round, bridge, load, samples);
  return {{"ofctl", Summarize(samples.ofctl).median},
          {"spread", Summarize(samples.ofctl).spread},
          {"raw bytes", Summarize(samples.raw).median},
          {"ovs-ofctl", Summarize(samples.ovs_ofctl).median},
          {"cpu", Summarize(samples.cpu).median}};
}

}  // namespace

void RunInstall(Report& report) {
  // The heap that it leaves would spoil the memory figures of later scenarios.
  const Figures figures = InOwnProcess(InTurn);
  const auto row = [&figures](const std::string& peer, double goal) {
    return Row{.name = "install/100000 flows against " + peer,
               .value = figures.at("ofctl"),
               .unit = "s",
               .spread = figures.at("spread"),
               .against = Row::Against{peer, figures.at(peer)},
               .goal = goal,
               .goal_of = Row::GoalOf::kRatio};
  };
  report.Add(row("raw bytes", 1.15));
  report.Add(row("ovs-ofctl", 0.6));
  // What is left of the second ratio with no encoding at all.
  report.Add({.name = "install/raw bytes, 100000 flows",
              .value = figures.at("raw bytes"),
              .unit = "s",
              .against = Row::Against{"ovs-ofctl", figures.at("ovs-ofctl")}});
  report.Add(
      {.name = "install/100000 flows, own CPU time", .value = figures.at("cpu"), .unit = "s"});
}

}  // namespace sluice::bench
