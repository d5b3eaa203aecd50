// Rows of the tables we monitor, typed, and how to read them from OVSDB's JSON (RFC 7047, 5.1).
// Only the columns we need; ovs-vswitchd.conf.db(5) has their meaning.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "agent/store/endpoint.h"
#include "ofctl/base/result.h"

namespace sluice::ovsdb {

using Uuid = std::string;

struct RootRow {  // Open_vSwitch; has one row at most
  int64_t cur_cfg = 0;
  int64_t next_cfg = 0;
};

struct BridgeRow {
  std::string name;
  std::string datapath_type;
  std::optional<std::string> fail_mode;
  std::map<std::string, std::string> other_config;
  std::set<Uuid> ports;
  std::map<int64_t, Uuid> flow_tables;
};

struct PortRow {
  std::string name;
  std::set<Uuid> interfaces;
};

struct DeviceRow {  // Interface
  std::string name;
  std::string type;
  std::optional<std::string> mac;
  std::optional<int64_t> ofport;  // -1: could not be opened
  std::optional<int64_t> ofport_request;
  std::string error;
  store::ExternalIds external_ids;
};

struct FlowTableConfig {  // Flow_Table
  std::optional<std::string> name;
  std::set<std::string> prefixes;
};

// The columns each decoder reads; a monitor has to ask for them all.
extern const std::map<std::string, std::set<std::string>> kMonitoredColumns;

// Each returns Invalid, naming the column, for anything the schema does not promise.
Result<RootRow> DecodeRoot(const rapidjson::Value& row);
Result<BridgeRow> DecodeBridge(const rapidjson::Value& row);
Result<PortRow> DecodePort(const rapidjson::Value& row);
Result<DeviceRow> DecodeDevice(const rapidjson::Value& row);
Result<FlowTableConfig> DecodeFlowTable(const rapidjson::Value& row);

}  // namespace sluice::ovsdb
