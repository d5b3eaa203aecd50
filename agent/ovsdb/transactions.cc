#include "agent/ovsdb/transactions.h"

#include <utility>
#include <vector>

namespace sluice::ovsdb {
namespace {

constexpr char kSecure[] = "secure";
constexpr char kInternal[] = "internal";
// The address of the LOCAL port: ovs-vswitchd ignores Interface.mac there.
constexpr char kHwaddr[] = "hwaddr";

Datum InsertPort(const std::string& name, Columns device, Transaction* transaction) {
  device.emplace("name", Datum::Text(name));
  const Datum interface = transaction->Insert("Interface", device);
  return transaction->Insert("Port", {{"name", Datum::Text(name)}, {"interfaces", interface}});
}

Columns LocalColumns() { return {{"type", Datum::Text(kInternal)}}; }

Columns GatewayColumns(const InternalPort& gateway) {
  return {{"type", Datum::Text(kInternal)},
          {"mac", Datum::Text(gateway.mac.ToString())},
          {"ofport_request", Datum::Integer(gateway.ofport.value)}};
}

Datum InsertFlowTables(const std::vector<FlowTableRow>& tables, Transaction* transaction) {
  std::vector<std::pair<Datum, Datum>> rows;
  for (const FlowTableRow& table : tables) {
    std::vector<Datum> prefixes;
    for (const std::string& prefix : table.prefixes) prefixes.push_back(Datum::Text(prefix));
    rows.emplace_back(Datum::Integer(table.table),
                      transaction->Insert("Flow_Table", {{"name", Datum::Text(table.name)},
                                                         {"prefixes", Datum::Set(prefixes)}}));
  }
  return Datum::Map(rows);
}

void InsertBridge(const BridgeSpec& spec, Transaction* transaction) {
  const Datum tables = InsertFlowTables(spec.tables, transaction);
  const Datum local = InsertPort(spec.name, LocalColumns(), transaction);
  const Datum gateway = InsertPort(spec.gateway.name, GatewayColumns(spec.gateway), transaction);
  const Datum bridge = transaction->Insert(
      "Bridge", {{"name", Datum::Text(spec.name)},
                 {"datapath_type", Datum::Text(spec.datapath_type)},
                 {"fail_mode", Datum::Text(kSecure)},
                 {"other_config", Datum::Map({{kHwaddr, spec.local_mac.ToString()}})},
                 {"ports", Datum::Set({local, gateway})},
                 {"flow_tables", tables}});
  transaction->Mutate({.table = "Open_vSwitch", .uuid = std::nullopt},
                      {.column = "bridges", .mutator = "insert", .value = bridge});
}

bool IsMac(const std::string& text, const MacAddress& mac) {
  const Result<MacAddress> parsed = ParseMac(text);
  return parsed.ok() && *parsed == mac;
}

bool FlowTablesMatch(const Replica& replica, const BridgeRow& bridge,
                     const std::vector<FlowTableRow>& tables) {
  if (bridge.flow_tables.size() != tables.size()) return false;
  for (const FlowTableRow& table : tables) {
    const auto found = bridge.flow_tables.find(table.table);
    if (found == bridge.flow_tables.end()) return false;
    const FlowTableConfig* config = replica.FlowTable(found->second);
    const std::set<std::string> prefixes(table.prefixes.begin(), table.prefixes.end());
    if (config == nullptr || config->name != table.name || config->prefixes != prefixes) {
      return false;
    }
  }
  return true;
}

void CorrectColumns(const Replica& replica, const FoundRow<BridgeRow>& bridge,
                    const BridgeSpec& spec, Transaction* transaction) {
  const RowRef row{.table = "Bridge", .uuid = bridge.uuid};
  Columns columns;
  if (bridge.row->datapath_type != spec.datapath_type) {
    columns.emplace("datapath_type", Datum::Text(spec.datapath_type));
  }
  if (bridge.row->fail_mode != kSecure) columns.emplace("fail_mode", Datum::Text(kSecure));
  if (!FlowTablesMatch(replica, *bridge.row, spec.tables)) {
    columns.emplace("flow_tables", InsertFlowTables(spec.tables, transaction));
  }
  if (!columns.empty()) transaction->Update(row, columns);

  const auto hwaddr = bridge.row->other_config.find(kHwaddr);
  if (hwaddr != bridge.row->other_config.end() && IsMac(hwaddr->second, spec.local_mac)) return;
  // Inserting a key that is there changes nothing (RFC 7047, 5.1 <mutation>): delete it first.
  transaction->Mutate(
      row,
      {.column = "other_config", .mutator = "delete", .value = Datum::Set({Datum::Text(kHwaddr)})});
  transaction->Mutate(row, {.column = "other_config",
                            .mutator = "insert",
                            .value = Datum::Map({{kHwaddr, spec.local_mac.ToString()}})});
}

void InsertOnBridge(const Uuid& bridge, const Datum& port, Transaction* transaction) {
  transaction->Mutate({.table = "Bridge", .uuid = bridge},
                      {.column = "ports", .mutator = "insert", .value = port});
}

void CorrectPorts(const Replica& replica, const FoundRow<BridgeRow>& bridge, const BridgeSpec& spec,
                  Transaction* transaction) {
  const auto local = replica.FindDevice(*bridge.row, spec.name);
  if (!local) {
    InsertOnBridge(bridge.uuid, InsertPort(spec.name, LocalColumns(), transaction), transaction);
  } else if (local->row->type != kInternal) {
    transaction->Update({.table = "Interface", .uuid = local->uuid}, LocalColumns());
  }
  const auto gateway = replica.FindDevice(*bridge.row, spec.gateway.name);
  if (!gateway) {
    const Datum port = InsertPort(spec.gateway.name, GatewayColumns(spec.gateway), transaction);
    InsertOnBridge(bridge.uuid, port, transaction);
    return;
  }
  const DeviceRow& device = *gateway->row;
  if (device.type != kInternal || !IsMac(device.mac.value_or(""), spec.gateway.mac) ||
      device.ofport_request != spec.gateway.ofport.value) {
    transaction->Update({.table = "Interface", .uuid = gateway->uuid},
                        GatewayColumns(spec.gateway));
  }
}

}  // namespace

Transaction BridgeCorrections(const Replica& replica, const BridgeSpec& spec) {
  Transaction transaction;
  // A database fresh from ovsdb-tool has no root row yet; ovs-vsctl makes it at its first call.
  if (!replica.root()) transaction.Insert("Open_vSwitch", {});
  if (const auto bridge = replica.FindBridge(spec.name)) {
    CorrectColumns(replica, *bridge, spec, &transaction);
    CorrectPorts(replica, *bridge, spec, &transaction);
  } else {
    InsertBridge(spec, &transaction);
  }
  if (!transaction.empty()) transaction.BumpNextCfg();
  return transaction;
}

Transaction AddPortTransaction(const Uuid& bridge, const PortSpec& spec) {
  Transaction transaction;
  const Datum port = InsertPort(
      spec.ifname,
      {{"type", Datum::Text(spec.type)}, {"external_ids", Datum::Map(spec.external_ids)}},
      &transaction);
  InsertOnBridge(bridge, port, &transaction);
  transaction.BumpNextCfg();
  return transaction;
}

Transaction DeletePortTransaction(const PortOnBridge& rows) {
  Transaction transaction;
  transaction.Mutate({.table = "Bridge", .uuid = rows.bridge},
                     {.column = "ports", .mutator = "delete", .value = Datum::Row(rows.port)});
  transaction.BumpNextCfg();
  return transaction;
}

}  // namespace sluice::ovsdb
