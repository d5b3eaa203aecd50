#include "tests/bench/shapes.h"

#include "tests/fakes/builders.h"

namespace sluice::bench {
namespace {

using fakes::Is;
using fakes::PolicyBuilder;
using fakes::RuleBuilder;
using store::Namespace;
using store::NetworkPolicy;
using store::Pod;

constexpr size_t kPodsPerNamespace = 100;
constexpr size_t kPoliciesPerNamespace = 10;
constexpr size_t kNamespacesPerGroup = 10;
constexpr size_t kApps = 10;

std::string Numbered(const char* what, size_t n) { return what + std::to_string(n); }

Namespace NamespaceWith(const std::string& name, store::Labels labels) {
  return std::get<Namespace>(fakes::NamespaceOf(name, std::move(labels)));
}

// With what any pod of a Deployment has: a name, a uid and a node of usual lengths.
Pod PodOf(const std::string& ns, size_t n, store::Labels labels) {
  char uid[64];
  std::snprintf(uid, sizeof uid, "%08zx-5f2e-4f0a-9d3c-6b1e0c9a7d42", n);
  Pod pod;
  pod.key = {ns, "deployment-7d9c6b5f4-" + std::to_string(n)};
  pod.uid = uid;
  pod.labels = std::move(labels);
  pod.node = "node-" + std::to_string(n % 1000);
  pod.phase = store::PodPhase::kRunning;
  pod.ips = {PodAddress(n)};
  return pod;
}

}  // namespace

IpAddress PodAddress(size_t n) { return IpAddress::FromV4(0x0a000001 + static_cast<uint32_t>(n)); }

Shape ManyNamespaces(size_t namespaces) {
  const auto ns = [](size_t i) { return Numbered("namespace-", i); };
  const auto app = [](size_t i) { return Numbered("app-", i); };
  return {.name = "many-namespaces",
          .namespaces = {namespaces, [=](size_t i) { return NamespaceWith(ns(i), {}); }},
          .pods = {4 * namespaces,
                   [=](size_t i) {
                     return PodOf(ns(i / 4), i, {{"app", app(1 + i % 2)}});
                   }},
          .policies = {3 * namespaces, [=](size_t i) -> NetworkPolicy {
                         if (i % 3 == 0) {
                           return PolicyBuilder(ns(i / 3), "default-deny").IsolatesIngress();
                         }
                         return PolicyBuilder(ns(i / 3), app(i % 3))
                             .Selects({Is("app", app(i % 3))})
                             .Ingress(RuleBuilder().Pods({Is("app", app(i % 3))}));
                       }}};
}

Shape EqualPolicies(size_t size) {
  return {.name = "equal-policies",
          .namespaces = {1, [](size_t) { return NamespaceWith("default", {}); }},
          .pods = {size,
                   [](size_t i) {
                     return PodOf("default", i, {{"app", "web"}});
                   }},
          .policies = {size, [](size_t i) -> NetworkPolicy {
                         return PolicyBuilder("default", Numbered("policy-", i))
                             .Selects({Is("app", "web")})
                             .Ingress(RuleBuilder().Pods({Is("app", "web")}).Tcp(80));
                       }}};
}

Shape Pairs(size_t size) {
  const auto pod = [](size_t i) { return Numbered("pod-", i); };
  return {.name = "pairs",
          .namespaces = {1, [](size_t) { return NamespaceWith("default", {}); }},
          .pods = {size,
                   [=](size_t i) {
                     return PodOf("default", i, {{"name", pod(i)}});
                   }},
          .policies = {size, [=](size_t i) -> NetworkPolicy {
                         return PolicyBuilder("default", Numbered("policy-", i))
                             .Selects({Is("name", pod(i))})
                             .Ingress(RuleBuilder().Pods({Is("name", pod(i ^ 1))}));
                       }}};
}

Shape AcrossNamespaces(size_t namespaces) {
  const auto ns = [](size_t i) { return Numbered("namespace-", i); };
  const auto group = [](size_t of) { return Numbered("group-", of / kNamespacesPerGroup); };
  const auto app = [](size_t i) { return Numbered("app-", i % kApps); };
  return {.name = "across-namespaces",
          .namespaces = {namespaces,
                         [=](size_t i) {
                           return NamespaceWith(ns(i), {{"group", group(i)}});
                         }},
          .pods = {namespaces * kPodsPerNamespace,
                   [=](size_t i) {
                     return PodOf(ns(i / kPodsPerNamespace), i, {{"app", app(i)}});
                   }},
          .policies = {namespaces * kPoliciesPerNamespace, [=](size_t i) -> NetworkPolicy {
                         const size_t of = i / kPoliciesPerNamespace;
                         return PolicyBuilder(ns(of), Numbered("policy-", i))
                             .Selects({Is("app", app(i))})
                             .Ingress(RuleBuilder()
                                          .PodsIn({Is("group", group(of))}, {Is("app", app(i + 1))})
                                          .Tcp(8080));
                       }}};
}

NodeView NodeViewOf(size_t pods) {
  const size_t namespaces = pods / kPodsPerNamespace;
  NodeView view{AcrossNamespaces(namespaces), {}};
  Shape& cluster = view.cluster;
  cluster.name = "node-view";
  cluster.pods.at = [base = cluster.pods.at](size_t i) {
    Pod pod = base(i);
    pod.labels["pod-template-hash"] = "7d9c6b5f4";
    pod.labels["role"] = Numbered("role-", i % 2);
    return pod;
  };
  cluster.policies.at = [](size_t i) -> NetworkPolicy {
    const size_t of = i / kPoliciesPerNamespace;
    const fakes::Requirements app = {Is("app", Numbered("app-", i % kApps))};
    RuleBuilder rule;
    if (i / 2 % 2 == 0) {
      rule.Pods(app);
    } else {
      rule.PodsIn({Is("group", Numbered("group-", of / kNamespacesPerGroup))}, app);
    }
    return PolicyBuilder(Numbered("namespace-", of), Numbered("policy-", i))
        .Selects({Is("role", Numbered("role-", i % 2))})
        .Ingress(rule.Tcp(static_cast<uint16_t>(8000 + i % kPoliciesPerNamespace)));
  };
  // In 50 namespaces evenly spread: two pods each, one of either role, and four in five of them.
  for (size_t i = 0; i < 50; ++i) {
    const size_t first = i * (namespaces / 50) * kPodsPerNamespace;
    const size_t count = i < 5 ? 4 : 2;
    for (size_t n = 0; n < count; ++n) view.local.push_back(first + n);
  }
  return view;
}

NodeView DenseNodeViewOf(size_t pods) {
  NodeView view = NodeViewOf(pods);
  view.local.clear();
  for (size_t first = 0; first < pods; first += kPodsPerNamespace) {
    view.local.push_back(first);
    view.local.push_back(first + 1);
  }
  return view;
}

}  // namespace sluice::bench
