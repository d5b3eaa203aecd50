// Replica: our copy of the monitored tables, kept by the server's updates (RFC 7047, 4.1.6).
#pragma once

#include <rapidjson/document.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "agent/ovsdb/row_decoder.h"
#include "agent/ovsdb/switch_database.h"
#include "ofctl/base/result.h"

namespace sluice::ovsdb {

template <typename Row>
struct FoundRow {
  Uuid uuid;
  const Row* row;  // in the replica; valid until its next change
};

class Replica {
 public:
  // Takes a <table-updates>: what `monitor` answers and what `update` notifies. Invalid, naming
  // table and row, if it cannot be read; the replica is then worthless.
  Status Apply(const rapidjson::Value& table_updates);

  std::optional<RootRow> root() const;
  std::optional<FoundRow<BridgeRow>> FindBridge(const std::string& name) const;
  // The port of that name, if it is on that bridge.
  std::optional<FoundRow<PortRow>> FindPort(const BridgeRow& bridge, const std::string& name) const;
  // The Interface of that name, if it is of a port on that bridge.
  std::optional<FoundRow<DeviceRow>> FindDevice(const BridgeRow& bridge,
                                                const std::string& name) const;
  const DeviceRow* Device(const Uuid& uuid) const;
  const FlowTableConfig* FlowTable(const Uuid& uuid) const;

  // All interfaces on the bridge, by name; empty if there is no such bridge.
  std::map<std::string, InterfaceRow> InterfacesOf(const std::string& bridge) const;

 private:
  template <typename Row>
  using Table = std::map<Uuid, Row>;

  Status ApplyTable(const std::string& table, const rapidjson::Value& updates);
  std::vector<FoundRow<DeviceRow>> DevicesOf(const BridgeRow& bridge) const;

  Table<RootRow> roots_;
  Table<BridgeRow> bridges_;
  Table<PortRow> ports_;
  Table<DeviceRow> devices_;
  Table<FlowTableConfig> flow_tables_;
};

// Interface as the rest of the agent sees it.
InterfaceRow ToInterfaceRow(const DeviceRow& device);

}  // namespace sluice::ovsdb
