// Transaction: the operations of one `transact` (RFC 7047, 5.2) and the reading of its reply.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/ovsdb/row_decoder.h"
#include "ofctl/base/result.h"

namespace sluice::ovsdb {

// A value of a column, as JSON text (RFC 7047, 5.1).
struct Datum {
  std::string json;

  static Datum Text(std::string_view text);
  static Datum Integer(int64_t value);
  static Datum Row(const Uuid& uuid);
  static Datum Set(const std::vector<Datum>& elements);
  static Datum Map(const std::vector<std::pair<Datum, Datum>>& pairs);
  static Datum Map(const std::map<std::string, std::string>& pairs);
};

using Columns = std::map<std::string, Datum>;

// As a JSON object.
std::string ToJson(const Columns& columns);

// Which row an operation is on.
struct RowRef {
  std::string table;
  std::optional<Uuid> uuid;  // absent: the only row of the table (Open_vSwitch)
};

struct TransactionReply {
  std::vector<Uuid> inserted;  // in the order of the inserts
  int64_t next_cfg = 0;        // 0 without BumpNextCfg
};

class Transaction {
 public:
  // Returns a reference to the new row, to be used in this transaction only.
  Datum Insert(const std::string& table, const Columns& row);
  void Update(const RowRef& row, const Columns& columns);
  struct Mutation {
    std::string column;
    std::string mutator;  // "insert", "delete", "+="
    Datum value;
  };
  void Mutate(const RowRef& row, const Mutation& mutation);
  // Asks ovs-vswitchd to say, by cur_cfg, when it has applied this transaction.
  void BumpNextCfg();

  bool empty() const { return operations_.empty(); }
  // The parameters of `transact`.
  std::string Params() const;
  // Refused, saying which operation and why, unless each operation did exactly what it was to do
  // (an update of a row that is gone is not an error for the server).
  Result<TransactionReply> ReadReply(const rapidjson::Value& result) const;

 private:
  enum class Kind { kInsert, kChange, kSelectNextCfg };
  struct Operation {
    Kind kind;
    std::string what;  // for messages
    std::string json;
  };

  std::vector<Operation> operations_;
  size_t inserts_ = 0;
};

}  // namespace sluice::ovsdb
