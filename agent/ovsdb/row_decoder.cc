#include "agent/ovsdb/row_decoder.h"

#include <string_view>
#include <utility>
#include <vector>

namespace sluice::ovsdb {
namespace {

using rapidjson::Value;

std::string Text(const Value& value) { return {value.GetString(), value.GetStringLength()}; }

bool IsTagged(const Value& value, std::string_view tag) {
  return value.IsArray() && value.Size() == 2 && value[0].IsString() && Text(value[0]) == tag;
}

Result<const Value*> Column(const Value& row, const char* name) {
  if (!row.IsObject()) return Invalid("row is not an object");
  const auto found = row.FindMember(name);
  if (found == row.MemberEnd()) return Invalid(std::string("no column ") + name);
  return &found->value;
}

void ReadAtom(const Value& value, Result<std::string>* out) {
  *out = value.IsString() ? Result(Text(value)) : Invalid("not a string");
}

void ReadAtom(const Value& value, Result<int64_t>* out) {
  *out = value.IsInt64() ? Result(value.GetInt64()) : Invalid("not an integer");
}

struct UuidAtom {
  Uuid uuid;
  friend auto operator<=>(const UuidAtom&, const UuidAtom&) = default;
};

void ReadAtom(const Value& value, Result<UuidAtom>* out) {
  if (IsTagged(value, "uuid") && value[1].IsString()) {
    *out = UuidAtom{Text(value[1])};
  } else {
    *out = Invalid("not a uuid");
  }
}

template <typename T>
Result<T> Atom(const Value& value) {
  Result<T> atom = Invalid("");
  ReadAtom(value, &atom);
  return atom;
}

// A set of one element is the bare element (RFC 7047, 5.1 <set>).
template <typename T>
Result<std::set<T>> ReadSet(const Value& row, const char* name) {
  SLUICE_ASSIGN_OR_RETURN(const Value* column, Column(row, name));
  std::set<T> elements;
  std::vector<const Value*> atoms;
  if (!IsTagged(*column, "set")) {
    atoms.push_back(column);
  } else {
    if (!(*column)[1].IsArray()) return Invalid(std::string(name) + ": set without elements");
    for (const Value& element : (*column)[1].GetArray()) atoms.push_back(&element);
  }
  for (const Value* value : atoms) {
    Result<T> atom = Atom<T>(*value);
    if (!atom.ok()) return atom.error().Context(name);
    elements.insert(std::move(*atom));
  }
  return elements;
}

template <typename T>
Result<std::optional<T>> ReadOptional(const Value& row, const char* name) {
  SLUICE_ASSIGN_OR_RETURN(const std::set<T> set, ReadSet<T>(row, name));
  if (set.size() > 1) return Invalid(std::string(name) + ": more than one element");
  return set.empty() ? std::optional<T>() : std::optional<T>(*set.begin());
}

template <typename T>
Result<T> ReadOne(const Value& row, const char* name) {
  SLUICE_ASSIGN_OR_RETURN(std::optional<T> value, ReadOptional<T>(row, name));
  if (!value) return Invalid(std::string(name) + ": empty");
  return *std::move(value);
}

Result<std::set<Uuid>> ReadUuids(const Value& row, const char* name) {
  SLUICE_ASSIGN_OR_RETURN(const std::set<UuidAtom> atoms, ReadSet<UuidAtom>(row, name));
  std::set<Uuid> uuids;
  for (const UuidAtom& atom : atoms) uuids.insert(atom.uuid);
  return uuids;
}

template <typename K, typename V>
Result<std::map<K, V>> ReadMap(const Value& row, const char* name) {
  SLUICE_ASSIGN_OR_RETURN(const Value* column, Column(row, name));
  if (!IsTagged(*column, "map") || !(*column)[1].IsArray()) {
    return Invalid(std::string(name) + ": not a map");
  }
  std::map<K, V> map;
  for (const Value& pair : (*column)[1].GetArray()) {
    if (!pair.IsArray() || pair.Size() != 2) return Invalid(std::string(name) + ": not a pair");
    Result<K> key = Atom<K>(pair[0]);
    if (!key.ok()) return key.error().Context(name);
    Result<V> value = Atom<V>(pair[1]);
    if (!value.ok()) return value.error().Context(name);
    map.emplace(std::move(*key), std::move(*value));
  }
  return map;
}

}  // namespace

const std::map<std::string, std::set<std::string>> kMonitoredColumns = {
    {"Open_vSwitch", {"cur_cfg", "next_cfg"}},
    {"Bridge", {"name", "datapath_type", "fail_mode", "other_config", "ports", "flow_tables"}},
    {"Port", {"name", "interfaces"}},
    {"Interface", {"name", "type", "mac", "ofport", "ofport_request", "error", "external_ids"}},
    {"Flow_Table", {"name", "prefixes"}},
};

Result<RootRow> DecodeRoot(const Value& row) {
  RootRow root;
  SLUICE_ASSIGN_OR_RETURN(root.cur_cfg, ReadOne<int64_t>(row, "cur_cfg"));
  SLUICE_ASSIGN_OR_RETURN(root.next_cfg, ReadOne<int64_t>(row, "next_cfg"));
  return root;
}

Result<BridgeRow> DecodeBridge(const Value& row) {
  BridgeRow bridge;
  SLUICE_ASSIGN_OR_RETURN(bridge.name, ReadOne<std::string>(row, "name"));
  SLUICE_ASSIGN_OR_RETURN(bridge.datapath_type, ReadOne<std::string>(row, "datapath_type"));
  SLUICE_ASSIGN_OR_RETURN(bridge.fail_mode, ReadOptional<std::string>(row, "fail_mode"));
  SLUICE_ASSIGN_OR_RETURN(bridge.other_config,
                          (ReadMap<std::string, std::string>(row, "other_config")));
  SLUICE_ASSIGN_OR_RETURN(bridge.ports, ReadUuids(row, "ports"));
  SLUICE_ASSIGN_OR_RETURN(const auto tables, (ReadMap<int64_t, UuidAtom>(row, "flow_tables")));
  for (const auto& [table, atom] : tables) bridge.flow_tables.emplace(table, atom.uuid);
  return bridge;
}

Result<PortRow> DecodePort(const Value& row) {
  PortRow port;
  SLUICE_ASSIGN_OR_RETURN(port.name, ReadOne<std::string>(row, "name"));
  SLUICE_ASSIGN_OR_RETURN(port.interfaces, ReadUuids(row, "interfaces"));
  return port;
}

Result<DeviceRow> DecodeDevice(const Value& row) {
  DeviceRow device;
  SLUICE_ASSIGN_OR_RETURN(device.name, ReadOne<std::string>(row, "name"));
  SLUICE_ASSIGN_OR_RETURN(device.type, ReadOne<std::string>(row, "type"));
  SLUICE_ASSIGN_OR_RETURN(device.mac, ReadOptional<std::string>(row, "mac"));
  SLUICE_ASSIGN_OR_RETURN(device.ofport, ReadOptional<int64_t>(row, "ofport"));
  SLUICE_ASSIGN_OR_RETURN(device.ofport_request, ReadOptional<int64_t>(row, "ofport_request"));
  SLUICE_ASSIGN_OR_RETURN(const auto error, ReadOptional<std::string>(row, "error"));
  device.error = error.value_or("");
  SLUICE_ASSIGN_OR_RETURN(device.external_ids,
                          (ReadMap<std::string, std::string>(row, "external_ids")));
  return device;
}

Result<FlowTableConfig> DecodeFlowTable(const Value& row) {
  FlowTableConfig table;
  SLUICE_ASSIGN_OR_RETURN(table.name, ReadOptional<std::string>(row, "name"));
  SLUICE_ASSIGN_OR_RETURN(table.prefixes, ReadSet<std::string>(row, "prefixes"));
  return table;
}

}  // namespace sluice::ovsdb
