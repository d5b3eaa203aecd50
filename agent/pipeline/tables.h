// The pipeline's tables, declared once. PIPELINE.md tells what each is for.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace sluice::pipeline {

enum class Table : uint8_t {
  kClassifier = 0,
  kSpoofGuard = 10,
  kArpNd = 15,
  kConntrack = 20,
  kSctpReply = 25,
  kSctpState = 26,
  kConntrackState = 30,
  kSourceClass = 50,
  kDestinationClass = 55,
  kEgressRule = 60,
  kEgressDefault = 65,
  kL3Forward = 70,
  kIngressRule = 80,
  kIngressDefault = 85,
  kCommit = 90,
  kOutput = 100,
  kDrop = 110,
};

// What happens to a packet that no other flow of the table is for. kDrop: it goes to the last table
// and ends there. kReturn: nothing; the table is looked up by resubmit(), and the packet goes on
// behind that.
enum class Miss : uint8_t { kDrop, kNext, kReturn };

// Whose packets fare differently with one flow more in the table.
enum class Concerns : uint8_t {
  kItsPort,     // of the port, or the pod's address, that the flow is about
  kItsAddress,  // of the address that the flow puts into a class, whoever has it
  kAnybody,
};

struct TableSpec {
  Table table;
  std::string_view name;  // as `ovs-ofctl --names dump-flows` prints it
  Miss miss;
  Table next;  // where kNext goes; its own number otherwise
  // Fields whose prefixes the classifier should track, so that a megaflow stands for a prefix and
  // not for one address (ovs-vswitchd.conf.db(5), Flow_Table.prefixes).
  std::string_view prefixes;
  Concerns concerns = Concerns::kAnybody;
};

inline constexpr std::array kTables = {
    TableSpec{Table::kClassifier, "Classifier", Miss::kDrop, Table::kClassifier, "",
              Concerns::kItsPort},
    TableSpec{Table::kSpoofGuard, "SpoofGuard", Miss::kDrop, Table::kSpoofGuard, "",
              Concerns::kItsPort},
    TableSpec{Table::kArpNd, "ArpNd", Miss::kDrop, Table::kArpNd, "", Concerns::kItsPort},
    TableSpec{Table::kConntrack, "Conntrack", Miss::kDrop, Table::kConntrack, ""},
    TableSpec{Table::kSctpReply, "SctpReply", Miss::kReturn, Table::kSctpReply, ""},
    TableSpec{Table::kSctpState, "SctpState", Miss::kDrop, Table::kSctpState, ""},
    TableSpec{Table::kConntrackState, "ConntrackState", Miss::kDrop, Table::kConntrackState, "",
              Concerns::kItsPort},
    TableSpec{Table::kSourceClass, "SourceClass", Miss::kNext, Table::kDestinationClass,
              "ct_nw_src,ct_ipv6_src", Concerns::kItsAddress},
    TableSpec{Table::kDestinationClass, "DestinationClass", Miss::kNext, Table::kEgressRule,
              "ct_nw_dst,ct_ipv6_dst", Concerns::kItsAddress},
    TableSpec{Table::kEgressRule, "EgressRule", Miss::kNext, Table::kEgressDefault, ""},
    TableSpec{Table::kEgressDefault, "EgressDefault", Miss::kNext, Table::kL3Forward, ""},
    TableSpec{Table::kL3Forward, "L3Forward", Miss::kDrop, Table::kL3Forward, "",
              Concerns::kItsPort},
    TableSpec{Table::kIngressRule, "IngressRule", Miss::kNext, Table::kIngressDefault, ""},
    TableSpec{Table::kIngressDefault, "IngressDefault", Miss::kNext, Table::kCommit, ""},
    TableSpec{Table::kCommit, "Commit", Miss::kNext, Table::kOutput, "", Concerns::kItsPort},
    TableSpec{Table::kOutput, "Output", Miss::kDrop, Table::kOutput, ""},
    TableSpec{Table::kDrop, "Drop", Miss::kDrop, Table::kDrop, ""},
};

constexpr bool TablesGoForward() {
  for (size_t i = 0; i < kTables.size(); ++i) {
    if (i > 0 && kTables[i].table <= kTables[i - 1].table) return false;
    const bool leaves = kTables[i].next > kTables[i].table;
    if (leaves != (kTables[i].miss == Miss::kNext)) return false;
  }
  return true;
}
static_assert(TablesGoForward());
static_assert(kTables.back().table == Table::kDrop);

constexpr uint8_t Number(Table table) { return static_cast<uint8_t>(table); }

// Null for a number that is no table of ours.
constexpr const TableSpec* SpecOf(uint8_t number) {
  for (const TableSpec& spec : kTables) {
    if (Number(spec.table) == number) return &spec;
  }
  return nullptr;
}

// "" for a number that is no table of ours.
constexpr std::string_view NameOf(uint8_t number) {
  const TableSpec* spec = SpecOf(number);
  return spec == nullptr ? "" : spec->name;
}

}  // namespace sluice::pipeline
