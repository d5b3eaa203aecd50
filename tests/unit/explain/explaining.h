// What the tests of explanations share: a store filled in a line, and an explanation in words.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "agent/explain/explain.h"
#include "tests/fakes/builders.h"

namespace sluice::explain {

using store::Direction;

class Cluster {
 public:
  Cluster& Put(const store::Object& object) {
    store_.Apply(fakes::Present(object));
    return *this;
  }
  // With an endpoint: a pod of this node.
  Cluster& Attach(const store::Pod& pod) {
    store_.Apply(fakes::Present(pod));
    store_.PutEndpoint(fakes::EndpointOf(pod, OfPort{1}));
    return *this;
  }
  const store::ClusterStore& store() const { return store_; }

  Explanation Why(const std::string& source, const std::string& target,
                  View::Judged judged = View::Judged::kAttached) const {
    const View view{.store = store_,
                    .node_addresses = {fakes::Ip("10.244.0.1"), fakes::Ip("fd00:10:244::1")},
                    .judged = judged,
                    .pod_ranges = ranges_};
    return Explain(view, ParseQuestion({source, target}).value());
  }
  Cluster& Ranges(const std::vector<std::string>& ranges) {
    for (const std::string& range : ranges) ranges_.push_back(fakes::Prefix(range));
    return *this;
  }

 private:
  store::ClusterStore store_;
  std::vector<Cidr> ranges_;
};

inline std::string Verdict(const Explanation& explanation) {
  return std::string(ToString(explanation.outcome));
}

// "shop/db ingress[0]: ...", a line for each rule of the policies that isolate.
inline std::vector<std::string> RuleLines(const DirectionExplanation& of) {
  std::vector<std::string> lines;
  for (const PolicyFinding& policy : of.policies) {
    for (const RuleFinding& rule : policy.rules) {
      std::string line = policy.policy.ToString() + " " + std::string(ToString(of.direction)) +
                         "[" + std::to_string(rule.index) + "]: ";
      for (const std::string& words : rule.words) {
        line += (&words == &rule.words.front() ? "" : "; ") + words;
      }
      lines.push_back(std::move(line));
    }
  }
  return lines;
}
inline std::vector<std::string> IngressLines(const Explanation& explanation) {
  return RuleLines(explanation.paths.at(0).ingress);
}
inline std::vector<std::string> EgressLines(const Explanation& explanation) {
  return RuleLines(explanation.paths.at(0).egress);
}

inline store::Pod WithPort(store::Pod pod, store::ContainerPort port) {
  pod.ports.push_back(std::move(port));
  return pod;
}

}  // namespace sluice::explain
