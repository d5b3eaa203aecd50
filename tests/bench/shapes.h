// Shapes: the clusters that are measured. Objects are made one by one, on demand, so that what a
// run holds in memory is what the agent holds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/store/endpoint.h"
#include "agent/store/objects.h"

namespace sluice::bench {

template <typename Object>
struct Series {
  size_t count = 0;
  std::function<Object(size_t)> at;
};

struct Shape {
  std::string name;
  Series<store::Namespace> namespaces;
  Series<store::Pod> pods;
  Series<store::NetworkPolicy> policies;
};

// The n-th address of 10.0.0.0/8, from 10.0.0.1 on.
IpAddress PodAddress(size_t n);

// `namespaces` of 4 pods (2 of app-1, 2 of app-2) and 3 policies each: default deny, app-1 from
// app-1, app-2 from app-2.
Shape ManyNamespaces(size_t namespaces);
// One namespace, `size` equal pods, `size` equal policies.
Shape EqualPolicies(size_t size);
// One namespace, `size` pods in pairs with labels of their own, `size` policies: each pod from its
// partner only.
Shape Pairs(size_t size);
// Namespaces of 100 pods and 10 policies, whose peers are pods of one app in the 10 namespaces that
// share a label.
Shape AcrossNamespaces(size_t namespaces);

// What one node sees of a cluster of namespaces of 100 pods and 10 policies: half of them let in an
// app of the own namespace, half an app of 10 namespaces that share a label. `local` of the pods
// are on this node, in 50 of the namespaces, so that 500 policies apply here.
struct NodeView {
  Shape cluster;
  std::vector<size_t> local;  // indices of pods
};
// At least 50 namespaces, 5,000 pods.
NodeView NodeViewOf(size_t pods);

// The same cluster on a node with two pods of each namespace: about a flow for every pod.
NodeView DenseNodeViewOf(size_t pods);

// In chunks, as a source delivers a long list.
inline constexpr size_t kChunk = 4096;

template <typename Object, typename Use>
void ForEachChunk(const Series<Object>& series, Use use) {
  for (size_t first = 0; first < series.count; first += kChunk) {
    std::vector<store::StoreEvent> events;
    for (size_t i = first; i < std::min(first + kChunk, series.count); ++i) {
      store::Object object = series.at(i);
      const store::ObjectKind kind = store::KindOf(object);
      store::ObjectKey key = store::KeyOf(object);
      events.push_back({kind, std::move(key), std::move(object)});
    }
    use(std::move(events));
  }
}

}  // namespace sluice::bench
