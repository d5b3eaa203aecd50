// Flow: one row of an OpenFlow table. (table, priority, match) is its identity in the switch.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ofctl/actions.h"
#include "ofctl/match.h"

namespace sluice::ofctl {

struct FlowKey {
  uint8_t table = 0;
  uint16_t priority = 0;
  Match match;

  friend auto operator<=>(const FlowKey&, const FlowKey&) = default;
};

struct FlowBody {
  uint64_t cookie = 0;
  Actions actions;

  friend bool operator==(const FlowBody&, const FlowBody&) = default;
};

struct Flow {
  FlowKey key;
  FlowBody body;

  friend bool operator==(const Flow&, const Flow&) = default;
};

struct FlowKeyHash {
  using is_avalanching = void;
  size_t operator()(const FlowKey& key) const;
};

// Flows move when it grows.
using FlowMap = boost::unordered_flat_map<FlowKey, FlowBody, FlowKeyHash>;

// The name of a table, "" if it has none.
using TableName = std::function<std::string_view(uint8_t)>;

// "table=60, priority=100,ip,reg5=0x3": always with table and priority. With `name`, tables are
// named as `ovs-ofctl --names` does.
std::string ToString(const FlowKey& key, const TableName& name = nullptr);
// The very line of `ovs-ofctl -O OpenFlow15 --no-stats dump-flows`: a cookie of 0, table 0 and
// priority 32768 are left out.
std::string ToString(const Flow& flow, const TableName& name = nullptr);
std::string ToString(const Actions& actions, const TableName& name);

}  // namespace sluice::ofctl
