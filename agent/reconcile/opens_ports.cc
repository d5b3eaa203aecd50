#include "agent/reconcile/opens_ports.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "agent/pipeline/flow_parts.h"
#include "agent/pipeline/tables.h"

namespace sluice::reconcile {
namespace {

using pipeline::Concerns;

using Address = std::pair<ofctl::Bits, ofctl::Bits>;  // value and mask

Concerns ConcernsOf(const ofctl::Flow& flow) {
  const pipeline::TableSpec* table = pipeline::SpecOf(flow.key.table);
  return table == nullptr ? Concerns::kAnybody : table->concerns;
}

std::optional<Address> FirstOf(const ofctl::Match& match,
                               std::initializer_list<ofctl::Field> fields) {
  for (const ofctl::Field field : fields) {
    if (const auto found = match.Find(field)) return Address(found->value, found->mask);
  }
  return std::nullopt;
}

// Where packets are led to a port.
std::optional<Address> ForwardedBy(const ofctl::Flow& flow) {
  if (flow.key.table != pipeline::Number(pipeline::Table::kL3Forward)) return std::nullopt;
  return FirstOf(flow.key.match, {pipeline::FieldsOf(IpFamily::kIPv4).destination,
                                  pipeline::FieldsOf(IpFamily::kIPv6).destination});
}

std::optional<Address> ClassifiedBy(const ofctl::Flow& flow) {
  constexpr pipeline::AddressFields kV4 = pipeline::FieldsOf(IpFamily::kIPv4);
  constexpr pipeline::AddressFields kV6 = pipeline::FieldsOf(IpFamily::kIPv6);
  return FirstOf(flow.key.match, {kV4.original_source, kV4.original_destination,
                                  kV6.original_source, kV6.original_destination});
}

}  // namespace

// What is cheap to see comes first: a delta may have a hundred thousand flows.
bool OnlyOpensPorts(const ofctl::FlowDelta& delta, const ofctl::FlowMap& installed) {
  if (!delta.remove.empty()) return false;
  std::set<Address> opened;
  for (const ofctl::Flow& flow : delta.set) {
    if (ConcernsOf(flow) == Concerns::kAnybody) return false;
    if (const auto address = ForwardedBy(flow)) opened.insert(*address);
  }
  const auto is_of_others = [&opened](const ofctl::Flow& flow) {
    if (ConcernsOf(flow) != Concerns::kItsAddress) return false;
    const auto address = ClassifiedBy(flow);
    return !address || !opened.contains(*address);
  };
  if (std::ranges::any_of(delta.set, is_of_others)) return false;
  return std::ranges::none_of(
      delta.set, [&installed](const ofctl::Flow& flow) { return installed.contains(flow.key); });
}

}  // namespace sluice::reconcile
