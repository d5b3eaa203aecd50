#include "tests/conformance/golden_connections.h"

#include <algorithm>
#include <optional>

#include "ofctl/base/result.h"

namespace sluice::conformance {
namespace {

constexpr std::string_view kOutsideSuffix = "[External]";

bool IsOutside(std::string_view name) { return name.ends_with(kOutsideSuffix); }

FieldResult<AddressRange> ParseRange(std::string_view name, const FieldPath& path) {
  name.remove_suffix(kOutsideSuffix.size());
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos) return decode::ErrorAt(path, "is no address range");
  const auto first = ParseIp(name.substr(0, dash));
  const auto last = ParseIp(name.substr(dash + 1));
  if (!first.ok()) return decode::ErrorAt(path, first.error().message());
  if (!last.ok()) return decode::ErrorAt(path, last.error().message());
  if (first->family() != last->family() || *last < *first) {
    return decode::ErrorAt(path, "is no address range");
  }
  return AddressRange{*first, *last};
}

// [protocol, first, last]
FieldResult<PortSpan> ParseSpan(const Value& json, const FieldPath& path) {
  if (!json.IsArray() || json.Size() != 3 || !json[0].IsString() || !json[1].IsUint() ||
      !json[2].IsUint()) {
    return decode::ErrorAt(path, "is not [protocol, first port, last port]");
  }
  const auto protocol = ParseProtocol(decode::TextOf(json[0]));
  const uint32_t first = json[1].GetUint();
  const uint32_t last = json[2].GetUint();
  if (!protocol || first < 1 || last < first || last > 65535) {
    return decode::ErrorAt(path, "is not [protocol, first port, last port]");
  }
  return PortSpan{*protocol, static_cast<uint16_t>(first), static_cast<uint16_t>(last)};
}

FieldResult<Connections> ParseConnections(const Value& line, const FieldPath& path) {
  const Value* json = decode::FindField(line, "connections");
  const FieldPath at = path.Child("connections");
  Connections connections;
  if (json != nullptr && json->IsString() && decode::TextOf(*json) == "all") {
    connections.all = true;
    return connections;
  }
  if (json == nullptr || !json->IsArray()) return decode::ErrorAt(at, "is neither a list nor all");
  for (rapidjson::SizeType i = 0; i < json->Size(); ++i) {
    SLUICE_ASSIGN_OR_RETURN(const PortSpan span, ParseSpan((*json)[i], at.Index(i)));
    connections.spans.push_back(span);
  }
  return connections;
}

}  // namespace

bool Connections::Allow(const Service& service) const {
  return all || std::any_of(spans.begin(), spans.end(), [&](const PortSpan& span) {
           return span.protocol == service.protocol && span.first <= service.port &&
                  service.port <= span.last;
         });
}

void Connections::Add(const Connections& more) {
  all = all || more.all;
  spans.insert(spans.end(), more.spans.begin(), more.spans.end());
}

FieldResult<GoldenConnections> GoldenConnections::Parse(const Value& allowed,
                                                        const FieldPath& path) {
  GoldenConnections golden;
  for (rapidjson::SizeType i = 0; i < allowed.Size(); ++i) {
    const FieldPath at = path.Index(i);
    SLUICE_ASSIGN_OR_RETURN(const Value* line, AsObject(allowed[i], at));
    SLUICE_ASSIGN_OR_RETURN(const std::string from, RequiredString(*line, at, "from"));
    SLUICE_ASSIGN_OR_RETURN(const std::string to, RequiredString(*line, at, "to"));
    SLUICE_ASSIGN_OR_RETURN(Connections connections, ParseConnections(*line, at));
    if (IsOutside(from) && IsOutside(to)) return decode::ErrorAt(at, "has no workload");
    if (IsOutside(to)) {
      SLUICE_ASSIGN_OR_RETURN(const AddressRange range, ParseRange(to, at.Child("to")));
      golden.to_outside_[from].emplace_back(range, std::move(connections));
    } else if (IsOutside(from)) {
      SLUICE_ASSIGN_OR_RETURN(const AddressRange range, ParseRange(from, at.Child("from")));
      golden.from_outside_[to].emplace_back(range, std::move(connections));
    } else {
      golden.inside_[{from, to}].Add(connections);
    }
  }
  return golden;
}

Connections GoldenConnections::Between(const std::string& from, const std::string& to) const {
  const auto found = inside_.find({from, to});
  return found == inside_.end() ? Connections{} : found->second;
}

Connections GoldenConnections::ToOutside(const std::string& from, const IpAddress& to) const {
  return Union(to_outside_, from, to);
}

Connections GoldenConnections::FromOutside(const IpAddress& from, const std::string& to) const {
  return Union(from_outside_, to, from);
}

Connections GoldenConnections::Union(const Outside& outside, const std::string& workload,
                                     const IpAddress& address) {
  Connections connections;
  const auto found = outside.find(workload);
  if (found == outside.end()) return connections;
  for (const auto& [range, of_range] : found->second) {
    if (range.Contains(address)) connections.Add(of_range);
  }
  return connections;
}

std::set<IpAddress> GoldenConnections::OutsideEdges() const {
  std::set<IpAddress> edges;
  for (const Outside* outside : {&to_outside_, &from_outside_}) {
    for (const auto& [workload, ranges] : *outside) {
      for (const auto& [range, connections] : ranges) edges.insert({range.first, range.last});
    }
  }
  return edges;
}

std::vector<PortSpan> GoldenConnections::Spans() const {
  std::vector<PortSpan> spans;
  const auto add = [&](const Connections& of) {
    spans.insert(spans.end(), of.spans.begin(), of.spans.end());
  };
  for (const auto& [pair, connections] : inside_) add(connections);
  for (const Outside* outside : {&to_outside_, &from_outside_}) {
    for (const auto& [workload, ranges] : *outside) {
      for (const auto& [range, connections] : ranges) add(connections);
    }
  }
  return spans;
}

}  // namespace sluice::conformance
