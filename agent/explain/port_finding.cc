#include "agent/explain/port_finding.h"

#include <algorithm>

namespace sluice::explain {
namespace {

using store::ContainerPort;
using store::PolicyPort;

constexpr size_t kMostInWords = 6;

std::string WithProtocol(const std::string& port, store::Protocol protocol) {
  return port + "/" + std::string(store::ToString(protocol));
}

std::string PortWords(const PolicyPort& port) {
  if (const auto* number = std::get_if<uint16_t>(&port.port)) {
    const std::string range = port.end ? "-" + std::to_string(*port.end) : "";
    return WithProtocol(std::to_string(*number) + range, port.protocol);
  }
  if (const auto* name = std::get_if<std::string>(&port.port)) {
    return WithProtocol("\"" + *name + "\"", port.protocol);
  }
  return WithProtocol("every port", port.protocol);
}

class PortTest {
 public:
  explicit PortTest(const PortContext& context) : context_(context) {}

  bool operator()(const PolicyPort& port) const {
    if (port.protocol != context_.protocol) return false;
    if (const auto* number = std::get_if<uint16_t>(&port.port)) {
      return *number <= context_.port && context_.port <= port.end.value_or(*number);
    }
    if (const auto* name = std::get_if<std::string>(&port.port)) {
      return Defined({*name, port.protocol, context_.port});
    }
    return true;
  }

  // Of a named port that does not allow the port: what the name stands for instead.
  std::string NamedMiss(const PolicyPort& port) const {
    const std::string name = "named port \"" + std::get<std::string>(port.port) + "\"";
    const std::string protocol(store::ToString(port.protocol));
    if (context_.destination.pods.empty()) {
      return name + " is a pod's, " + context_.destination.ToString() + " is none";
    }
    for (const PodAtEnd* pod : context_.resolvers) {
      for (const ContainerPort& each : pod->named_ports) {
        if (each.name != std::get<std::string>(port.port) || each.protocol != port.protocol) {
          continue;
        }
        return name + " of " + pod->key.ToString() + " is " +
               WithProtocol(std::to_string(each.number), port.protocol);
      }
    }
    const PodAtEnd* pod = context_.resolvers.empty() ? &context_.destination.pods.front()
                                                     : context_.resolvers.front();
    return name + " is not defined by " + pod->key.ToString() + " for " + protocol;
  }

 private:
  bool Defined(const ContainerPort& wanted) const {
    return std::any_of(
        context_.resolvers.begin(), context_.resolvers.end(), [&](const PodAtEnd* pod) {
          return std::find(pod->named_ports.begin(), pod->named_ports.end(), wanted) !=
                 pod->named_ports.end();
        });
  }

  const PortContext& context_;
};

}  // namespace

Finding TestPorts(const PortContext& context, const std::vector<PolicyPort>& ports) {
  if (ports.empty()) return {Match::kYes, "any port"};
  const PortTest test(context);
  const std::string asked = "port " + WithProtocol(std::to_string(context.port), context.protocol);
  std::string numbers;
  std::string names;
  size_t told = 0;
  for (const PolicyPort& port : ports) {
    if (test(port)) return {Match::kYes, asked + " matches (rule has " + PortWords(port) + ")"};
    if (told++ == kMostInWords) {
      (numbers.empty() ? names : numbers) += ", ...";
    }
    if (told > kMostInWords) continue;
    if (std::holds_alternative<std::string>(port.port)) {
      names += (names.empty() ? "" : ", ") + test.NamedMiss(port);
    } else {
      numbers += (numbers.empty() ? "" : ", ") + PortWords(port);
    }
  }
  if (numbers.empty()) return {Match::kNo, names};
  return {Match::kNo,
          asked + " does not (rule has " + numbers + ")" + (names.empty() ? "" : ", " + names)};
}

}  // namespace sluice::explain
