#include "agent/ovsdb/replica.h"

#include <limits>
#include <utility>

namespace sluice::ovsdb {
namespace {

using rapidjson::Value;

// A <table-update>: {"<uuid>": {"old": …, "new": …}}; without "new" the row is gone. "new" holds
// all monitored columns, also after a change.
template <typename Row>
Status ApplyRows(const Value& updates, Result<Row> (*decode)(const Value&),
                 std::map<Uuid, Row>* rows) {
  if (!updates.IsObject()) return Invalid("update is not an object");
  for (const auto& [key, change] : updates.GetObject()) {
    const Uuid uuid(key.GetString(), key.GetStringLength());
    if (!change.IsObject()) return Invalid(uuid + ": change is not an object");
    const auto now = change.FindMember("new");
    if (now == change.MemberEnd()) {
      rows->erase(uuid);
      continue;
    }
    Result<Row> row = decode(now->value);
    if (!row.ok()) return row.error().Context(uuid);
    rows->insert_or_assign(uuid, std::move(*row));
  }
  return Ok();
}

}  // namespace

Status Replica::Apply(const Value& table_updates) {
  if (!table_updates.IsObject()) return Invalid("monitor: updates are not an object");
  for (const auto& [key, updates] : table_updates.GetObject()) {
    const std::string table(key.GetString(), key.GetStringLength());
    const Status applied = ApplyTable(table, updates);
    if (!applied.ok()) return applied.error().Context("monitor: table " + table);
  }
  return Ok();
}

Status Replica::ApplyTable(const std::string& table, const Value& updates) {
  if (table == "Open_vSwitch") return ApplyRows(updates, DecodeRoot, &roots_);
  if (table == "Bridge") return ApplyRows(updates, DecodeBridge, &bridges_);
  if (table == "Port") return ApplyRows(updates, DecodePort, &ports_);
  if (table == "Interface") return ApplyRows(updates, DecodeDevice, &devices_);
  if (table == "Flow_Table") return ApplyRows(updates, DecodeFlowTable, &flow_tables_);
  return Invalid("not asked for");
}

std::optional<RootRow> Replica::root() const {
  if (roots_.empty()) return std::nullopt;
  return roots_.begin()->second;
}

std::optional<FoundRow<BridgeRow>> Replica::FindBridge(const std::string& name) const {
  for (const auto& [uuid, row] : bridges_) {
    if (row.name == name) return FoundRow<BridgeRow>{uuid, &row};
  }
  return std::nullopt;
}

std::optional<FoundRow<PortRow>> Replica::FindPort(const BridgeRow& bridge,
                                                   const std::string& name) const {
  for (const Uuid& uuid : bridge.ports) {
    const auto port = ports_.find(uuid);
    if (port != ports_.end() && port->second.name == name) {
      return FoundRow<PortRow>{uuid, &port->second};
    }
  }
  return std::nullopt;
}

std::vector<FoundRow<DeviceRow>> Replica::DevicesOf(const BridgeRow& bridge) const {
  std::vector<FoundRow<DeviceRow>> found;
  for (const Uuid& port_uuid : bridge.ports) {
    const auto port = ports_.find(port_uuid);
    if (port == ports_.end()) continue;
    for (const Uuid& uuid : port->second.interfaces) {
      if (const DeviceRow* device = Device(uuid)) found.push_back({uuid, device});
    }
  }
  return found;
}

std::optional<FoundRow<DeviceRow>> Replica::FindDevice(const BridgeRow& bridge,
                                                       const std::string& name) const {
  for (const FoundRow<DeviceRow>& found : DevicesOf(bridge)) {
    if (found.row->name == name) return found;
  }
  return std::nullopt;
}

const DeviceRow* Replica::Device(const Uuid& uuid) const {
  const auto found = devices_.find(uuid);
  return found == devices_.end() ? nullptr : &found->second;
}

const FlowTableConfig* Replica::FlowTable(const Uuid& uuid) const {
  const auto found = flow_tables_.find(uuid);
  return found == flow_tables_.end() ? nullptr : &found->second;
}

std::map<std::string, InterfaceRow> Replica::InterfacesOf(const std::string& bridge) const {
  std::map<std::string, InterfaceRow> rows;
  const auto found = FindBridge(bridge);
  if (!found) return rows;
  for (const FoundRow<DeviceRow>& device : DevicesOf(*found->row)) {
    rows.emplace(device.row->name, ToInterfaceRow(*device.row));
  }
  return rows;
}

InterfaceRow ToInterfaceRow(const DeviceRow& device) {
  InterfaceRow row{.name = device.name,
                   .ofport = std::nullopt,
                   .error = device.error,
                   .external_ids = device.external_ids};
  // ovs-vswitchd writes -1 when it could not create the port.
  if (device.ofport && *device.ofport > 0 &&
      *device.ofport <= std::numeric_limits<uint16_t>::max()) {
    row.ofport = OfPort{static_cast<uint32_t>(*device.ofport)};
  }
  return row;
}

}  // namespace sluice::ovsdb
