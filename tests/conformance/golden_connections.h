// The `allowed` list of a connectivity case: who may reach whom, about what.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/conformance/case_objects.h"

namespace sluice::conformance {

struct AddressRange {
  IpAddress first;
  IpAddress last;  // inclusive
  bool Contains(const IpAddress& ip) const { return first <= ip && ip <= last; }
};

struct PortSpan {
  store::Protocol protocol;
  uint16_t first;
  uint16_t last;  // inclusive
};

// What one pair may talk about.
struct Connections {
  bool all = false;
  std::vector<PortSpan> spans;

  bool Allow(const Service& service) const;
  void Add(const Connections& more);
};

class GoldenConnections {
 public:
  // [{from, to, connections}]; `from` and `to` name a workload or "A-B[External]".
  static FieldResult<GoldenConnections> Parse(const Value& allowed, const FieldPath& path);

  Connections Between(const std::string& from, const std::string& to) const;
  Connections ToOutside(const std::string& from, const IpAddress& to) const;
  Connections FromOutside(const IpAddress& from, const std::string& to) const;

  // The first and last address of every outside range.
  std::set<IpAddress> OutsideEdges() const;
  // Every port range that is named.
  std::vector<PortSpan> Spans() const;

 private:
  using Outside = std::map<std::string, std::vector<std::pair<AddressRange, Connections>>>;
  static Connections Union(const Outside& outside, const std::string& workload,
                           const IpAddress& address);

  std::map<std::pair<std::string, std::string>, Connections> inside_;
  Outside to_outside_;    // by the workload that sends
  Outside from_outside_;  // by the workload that receives
};

}  // namespace sluice::conformance
