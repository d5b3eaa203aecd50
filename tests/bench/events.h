// What single events cost a node that follows a cluster.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/bench/measure.h"
#include "tests/bench/node.h"

namespace sluice::bench {

struct EventCost {
  std::vector<double> microseconds;  // from the event to flow-mods
  std::vector<double> flow_mods;
};

// Plays single events to a node and keeps what each has cost.
class EventPlayer {
 public:
  // `node` follows `view` first. Both are borrowed.
  EventPlayer(Node& node, const NodeView& view, Clock clock);

  // An event of each kind; the node ends as it began.
  void Play(size_t round);
  // By kind of event: "remote pod new", "policy changed", ...
  const std::map<std::string, EventCost>& costs() const { return costs_; }

 private:
  void Measure(const std::string& kind, const std::function<void()>& event);
  store::Pod NewPod(size_t round) const;
  void RemotePod(size_t round);
  void LocalPod(size_t round);
  void Policy(size_t round);
  void Namespace(size_t round);

  Node& node_;
  const NodeView& view_;
  const Clock clock_;
  const size_t pods_;
  std::map<std::string, EventCost> costs_;
};

struct Rounds {
  size_t count = 0;  // events of each kind
  Clock clock = CpuSeconds;
  std::function<void()> between = nullptr;  // after each round
};

// What a player saw after so many rounds.
std::map<std::string, EventCost> EventCosts(Node& node, const NodeView& view, const Rounds& rounds);

}  // namespace sluice::bench
