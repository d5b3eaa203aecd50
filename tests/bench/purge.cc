// What it costs a switch to forget its megaflows, and to make them again.
#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>

#include "agent/unixctl/daemon.h"
#include "tests/bench/measure.h"
#include "tests/bench/scenario.h"
#include "tests/bench/switched_node.h"

namespace sluice::bench {
namespace {

constexpr int kRounds = 7;
constexpr size_t kAtOnce = 100;  // frames in a call; as many wait at a dummy port
constexpr int kTables = 14;
constexpr char kPort[] = "p1";

// A bridge whose packets go through as many tables as ours do, each with flows of four masks; each
// source address gets a megaflow of its own.
class Megaflows {
 public:
  explicit Megaflows(size_t count) : count_(count) {
    const std::string name = BenchSwitch::kBridge;
    bridge_.sandbox().Vsctl("add-port " + name + " " + kPort + " -- set interface " + kPort +
                            " type=dummy");
    for (int table = 0; table < kTables; ++table) {
      const std::string begin = "'table=" + std::to_string(table) + ",";
      for (const char* match : {"priority=40,dl_src=0e:00:00:00:00:01", "priority=30,ip,nw_tos=4",
                                "priority=20,udp,tp_src=7", "priority=10,ip,nw_dst=192.0.2.1"}) {
        bridge_.sandbox().Ofctl("add-flow " + name + " " + begin + match + ",actions=drop'");
      }
      bridge_.sandbox().Ofctl("add-flow " + name + " " + begin +
                              "priority=1,actions=goto_table:" + std::to_string(table + 1) + "'");
    }
    bridge_.sandbox().Ofctl("add-flow " + name + " 'table=" + std::to_string(kTables) +
                            ",actions=local'");
  }

  // A packet of each.
  void Receive() {
    for (size_t first = 0; first < count_; first += kAtOnce) {
      unixctl::Call call{"netdev-dummy/receive", {kPort}};
      for (size_t i = first; i < std::min(count_, first + kAtOnce); ++i) {
        call.parameters.push_back(FrameFrom(i));
      }
      Tell(call);
      // It takes one frame in each turn of its main loop.
      for (size_t i = 0; i < call.parameters.size(); ++i) Tell({"version", {}});
    }
  }
  void Purge() { Tell({"revalidator/purge", {}}); }
  double CpuTime() { return CpuSecondsOf(bridge_.sandbox().switch_pid()); }

 private:
  // UDP over IPv4 from the MAC address with that number, in hexadecimal digits.
  static std::string FrameFrom(size_t number) {
    char source[13];
    std::snprintf(source, sizeof source, "02%010x", static_cast<unsigned>(number));
    return std::string("0200000000ff") + source +
           "0800"
           "4500001c00000000401100000a0000010a000002"
           "0001000200080000";
  }
  void Tell(const unixctl::Call& call) {
    std::optional<Result<std::string>> answer;
    unixctl::CallDaemon(io_, {bridge_.sandbox().vswitchd_control(), std::chrono::seconds(20)}, call,
                        [&answer](Result<std::string> said) { answer.emplace(std::move(said)); });
    io_.restart();
    while (!answer) io_.run_one();
    CHECK(answer->ok()) << answer->error().message();
  }

  size_t count_;
  BenchSwitch bridge_;
  boost::asio::io_context io_;
};

struct Samples {
  std::vector<double> purge, answer, again;  // milliseconds
};

Samples Measure(size_t count) {
  constexpr double kMilliseconds = 1e3;
  Megaflows megaflows(count);
  megaflows.Receive();
  Samples samples;
  for (int round = 0; round < kRounds; ++round) {
    const double start = megaflows.CpuTime();
    megaflows.Receive();
    const double known = megaflows.CpuTime();
    const double asked = WallSeconds();
    megaflows.Purge();
    samples.answer.push_back(kMilliseconds * (WallSeconds() - asked));
    const double purged = megaflows.CpuTime();
    megaflows.Receive();
    samples.purge.push_back(kMilliseconds * (purged - known));
    // Without what it takes to receive them at all.
    samples.again.push_back(kMilliseconds * (megaflows.CpuTime() - purged - (known - start)));
  }
  return samples;
}

}  // namespace

void RunPurge(Report& report) {
  for (const size_t count : {100u, 1'000u, 8'000u}) {
    const Samples samples = Measure(count);
    const std::string of = "purge/" + std::to_string(count) + " megaflows/";
    const auto row = [&of](const std::string& what, const std::vector<double>& values) {
      const Summary summary = Summarize(values);
      return Row{
          .name = of + what, .value = summary.median, .unit = "ms", .spread = summary.spread};
    };
    report.Add(row("switch's CPU time", samples.purge));
    report.Add(row("until the answer", samples.answer));
    Row again = row("switch's CPU time to make them again", samples.again);
    again.against = Row::Against{"the purge", Summarize(samples.purge).median};
    report.Add(std::move(again));
  }
}

}  // namespace sluice::bench
