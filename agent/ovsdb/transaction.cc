#include "agent/ovsdb/transaction.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::ovsdb {
namespace {

using rapidjson::Value;

std::string Quoted(std::string_view text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

std::string Tagged(const char* tag, const std::string& json) {
  return std::string("[\"") + tag + "\"," + json + "]";
}

std::string Where(const RowRef& row) {
  return row.uuid ? "[[\"_uuid\",\"==\"," + Datum::Row(*row.uuid).json + "]]" : "[]";
}

std::string Member(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return "";
  return {found->value.GetString(), found->value.GetStringLength()};
}

// Of an element of the reply: what the server has against it, if anything.
std::optional<std::string> Complaint(const Value& element) {
  if (!element.IsObject()) return "not done";
  if (!element.HasMember("error")) return std::nullopt;
  const std::string details = Member(element, "details");
  return Member(element, "error") + (details.empty() ? "" : ": " + details);
}

// Of the select of the only row of Open_vSwitch.
std::optional<int64_t> NextCfg(const Value& element) {
  const auto rows = element.FindMember("rows");
  if (rows == element.MemberEnd() || !rows->value.IsArray() || rows->value.Size() != 1) {
    return std::nullopt;
  }
  const Value& row = rows->value[0];
  if (!row.IsObject()) return std::nullopt;
  const auto next_cfg = row.FindMember("next_cfg");
  if (next_cfg == row.MemberEnd() || !next_cfg->value.IsInt64()) return std::nullopt;
  return next_cfg->value.GetInt64();
}

}  // namespace

std::string ToJson(const Columns& columns) {
  std::string json;
  for (const auto& [name, value] : columns) {
    json += (json.empty() ? "" : ",") + Quoted(name) + ":" + value.json;
  }
  return "{" + json + "}";
}

Datum Datum::Text(std::string_view text) { return {Quoted(text)}; }
Datum Datum::Integer(int64_t value) { return {std::to_string(value)}; }
Datum Datum::Row(const Uuid& uuid) { return {Tagged("uuid", Quoted(uuid))}; }

Datum Datum::Set(const std::vector<Datum>& elements) {
  std::string json;
  for (const Datum& element : elements) json += (json.empty() ? "" : ",") + element.json;
  return {Tagged("set", "[" + json + "]")};
}

Datum Datum::Map(const std::vector<std::pair<Datum, Datum>>& pairs) {
  std::string json;
  for (const auto& [key, value] : pairs) {
    json += (json.empty() ? "" : ",") + ("[" + key.json + "," + value.json + "]");
  }
  return {Tagged("map", "[" + json + "]")};
}

Datum Datum::Map(const std::map<std::string, std::string>& pairs) {
  std::vector<std::pair<Datum, Datum>> atoms;
  for (const auto& [key, value] : pairs) atoms.emplace_back(Text(key), Text(value));
  return Map(atoms);
}

Datum Transaction::Insert(const std::string& table, const Columns& row) {
  const std::string name = Quoted("row" + std::to_string(inserts_++));
  operations_.push_back({Kind::kInsert, "insert into " + table,
                         "{\"op\":\"insert\",\"table\":" + Quoted(table) +
                             ",\"row\":" + ToJson(row) + ",\"uuid-name\":" + name + "}"});
  return {Tagged("named-uuid", name)};
}

void Transaction::Update(const RowRef& row, const Columns& columns) {
  operations_.push_back({Kind::kChange, "update of " + row.table,
                         "{\"op\":\"update\",\"table\":" + Quoted(row.table) +
                             ",\"where\":" + Where(row) + ",\"row\":" + ToJson(columns) + "}"});
}

void Transaction::Mutate(const RowRef& row, const Mutation& mutation) {
  operations_.push_back({Kind::kChange, "mutation of " + row.table + "." + mutation.column,
                         "{\"op\":\"mutate\",\"table\":" + Quoted(row.table) + ",\"where\":" +
                             Where(row) + ",\"mutations\":[[" + Quoted(mutation.column) + "," +
                             Quoted(mutation.mutator) + "," + mutation.value.json + "]]}"});
}

void Transaction::BumpNextCfg() {
  const RowRef root{.table = "Open_vSwitch", .uuid = std::nullopt};
  Mutate(root, {.column = "next_cfg", .mutator = "+=", .value = Datum::Integer(1)});
  operations_.push_back({Kind::kSelectNextCfg, "select of Open_vSwitch.next_cfg",
                         R"({"op":"select","table":"Open_vSwitch","where":[],)"
                         R"("columns":["next_cfg"]})"});
}

std::string Transaction::Params() const {
  std::string json = "[\"Open_vSwitch\"";
  for (const Operation& operation : operations_) json += "," + operation.json;
  return json + "]";
}

Result<TransactionReply> Transaction::ReadReply(const Value& result) const {
  if (!result.IsArray()) return Invalid("transact: reply is not an array");
  TransactionReply reply;
  for (rapidjson::SizeType i = 0; i < result.Size(); ++i) {
    // One element more than operations: the commit itself failed (RFC 7047, 4.1.3).
    const bool is_commit = i >= operations_.size();
    const std::string what = is_commit ? "commit" : operations_[i].what;
    if (const auto complaint = Complaint(result[i])) return Refused(what + ": " + *complaint);
    if (is_commit) continue;
    switch (operations_[i].kind) {
      case Kind::kInsert: {
        const auto uuid = result[i].FindMember("uuid");
        if (uuid == result[i].MemberEnd() || !uuid->value.IsArray() || uuid->value.Size() != 2 ||
            !uuid->value[1].IsString()) {
          return Invalid(what + ": reply without a uuid");
        }
        reply.inserted.emplace_back(uuid->value[1].GetString());
        break;
      }
      case Kind::kChange: {
        const auto count = result[i].FindMember("count");
        if (count == result[i].MemberEnd() || !count->value.IsInt64()) {
          return Invalid(what + ": reply without a count");
        }
        if (count->value.GetInt64() != 1) {
          return Refused(what + ": " + std::to_string(count->value.GetInt64()) +
                         " rows, expected one");
        }
        break;
      }
      case Kind::kSelectNextCfg: {
        const auto next_cfg = NextCfg(result[i]);
        if (!next_cfg) return Invalid(what + ": reply without the row");
        reply.next_cfg = *next_cfg;
        break;
      }
    }
  }
  if (result.Size() < operations_.size()) return Invalid("transact: reply is too short");
  return reply;
}

}  // namespace sluice::ovsdb
