#include "tests/bench/events.h"

#include "tests/bench/measure.h"
#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

using fakes::Gone;
using fakes::Is;
using fakes::Present;

}  // namespace

EventPlayer::EventPlayer(Node& node, const NodeView& view, Clock clock)
    : node_(node), view_(view), clock_(clock), pods_(view.cluster.pods.count) {
  Follow(view, node_, [](auto work) { work(); });
}

void EventPlayer::Play(size_t round) {
  RemotePod(round);
  LocalPod(round);
  Policy(round);
  Namespace(round);
}

void EventPlayer::Measure(const std::string& kind, const std::function<void()>& event) {
  Stopwatch watch(clock_);
  size_t flow_mods = 0;
  watch.Time([&] {
    event();
    flow_mods = node_.Commit();
  });
  EventCost& cost = costs_[kind];
  cost.microseconds.push_back(1e6 * watch.seconds());
  cost.flow_mods.push_back(static_cast<double>(flow_mods));
}

// Beside a local pod of the view, so that policies of this node are about it.
store::Pod EventPlayer::NewPod(size_t round) const {
  const size_t neighbour = view_.local[round % view_.local.size()];
  store::Pod pod = view_.cluster.pods.at(neighbour);
  pod.key.name += "-new";
  pod.uid += "-new";
  pod.ips = {PodAddress(pods_ + round)};
  return pod;
}

void EventPlayer::RemotePod(size_t round) {
  store::Pod pod = NewPod(round);
  Measure("remote pod new", [&] { node_.Apply({Present(pod)}); });
  pod.labels["app"] = "app-9";
  Measure("remote pod relabelled", [&] { node_.Apply({Present(pod)}); });
  Measure("remote pod gone", [&] { node_.Apply({Gone(pod)}); });
}

void EventPlayer::LocalPod(size_t round) {
  const store::Pod pod = NewPod(round);
  Measure("local pod new", [&] {
    node_.Attach(pod);
    node_.Apply({Present(pod)});
  });
  Measure("local pod gone", [&] {
    node_.Apply({Gone(pod)});
    node_.Detach(pod);
  });
}

void EventPlayer::Policy(size_t round) {
  store::NetworkPolicy policy = view_.cluster.policies.at(3);
  policy.key = {NewPod(round).key.ns, "new"};
  (*policy.ingress)[0].ports[0].port = uint16_t{9000};
  Measure("policy new", [&] { node_.Apply({Present(policy)}); });
  (*policy.ingress)[0].ports[0].port = uint16_t{9001};
  Measure("policy changed", [&] { node_.Apply({Present(policy)}); });
  Measure("policy gone", [&] { node_.Apply({Gone(policy)}); });
}

void EventPlayer::Namespace(size_t round) {
  store::Namespace ns;
  for (size_t i = 0; i < view_.cluster.namespaces.count; ++i) {
    ns = view_.cluster.namespaces.at(i);
    if (ns.name == NewPod(round).key.ns) break;
  }
  const store::Namespace before = ns;
  ns.labels["group"] = "group-0-moved";
  Measure("namespace relabelled", [&] { node_.Apply({Present(ns)}); });
  node_.Apply({Present(before)});
  node_.Commit();
}

std::map<std::string, EventCost> EventCosts(Node& node, const NodeView& view,
                                            const Rounds& rounds) {
  EventPlayer player(node, view, rounds.clock);
  for (size_t round = 0; round < rounds.count; ++round) {
    player.Play(round);
    if (rounds.between) rounds.between();
  }
  return player.costs();
}

}  // namespace sluice::bench
