#include "agent/policy/named_ports.h"

#include <utility>

namespace sluice::policy {

void NamedPorts::OnPodChanged(const store::PodChange& change) {
  if (change.before && change.after && change.before->named_ports == change.after->named_ports &&
      change.before->locality == change.after->locality) {
    return;
  }
  if (change.after) Count(*change.after, Step::kAdd);
  if (change.before) Count(*change.before, Step::kRemove);
}

void NamedPorts::Count(const store::PodState& pod, Step step) {
  const uint32_t local = pod.locality == store::Locality::kLocal ? 1 : 0;
  for (const store::ContainerPort& port : pod.named_ports) {
    const PortName name{port.protocol, port.name};
    auto& numbers = numbers_[name];
    Users& users = numbers[port.number];
    const Users before = users;
    if (step == Step::kAdd) {
      ++users.all;
      users.local += local;
    } else {
      --users.all;
      users.local -= local;
    }
    const bool same_all = (before.all == 0) == (users.all == 0);
    const bool same_local = (before.local == 0) == (users.local == 0);
    if (!same_all || !same_local) changed_.insert(name);
    if (users.all == 0) numbers.erase(port.number);
    if (numbers.empty()) numbers_.erase(name);
  }
}

std::vector<uint16_t> NamedPorts::NumbersOf(const PortName& port, Scope scope) const {
  std::vector<uint16_t> numbers;
  const auto known = numbers_.find(port);
  if (known == numbers_.end()) return numbers;
  for (const auto& [number, users] : known->second) {
    if (scope == Scope::kAll || users.local > 0) numbers.push_back(number);
  }
  return numbers;
}

std::set<PortName> NamedPorts::TakeChanges() { return std::exchange(changed_, {}); }

}  // namespace sluice::policy
