// The entries of a match as OpenFlow 1.5 has them, for the fields of nearly all flows: what a plain
// match is (plain_match.h).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "ofctl/field.h"

namespace sluice::ofctl {

// In the order in which libopenvswitch writes them, by the names that OpenFlow has for them: not
// the fields of a match (field.h), as two registers share an entry and a port has one a protocol.
namespace oxm {
enum Row : uint8_t {
  kPacketType,  // only read: "an Ethernet packet" is what every match of ours means
  kConjId,
  kInPort,
  kEthSrc,
  kEthDst,
  kEthType,
  kVlanVid,
  kIpv4Src,
  kIpv4Dst,
  kIpv6Src,
  kIpv6Dst,
  kIpProto,
  kTcpSrc,
  kTcpDst,
  kUdpSrc,
  kUdpDst,
  kSctpSrc,
  kSctpDst,
  kArpOp,
  kArpSpa,
  kArpTpa,
  kArpSha,
  kArpTha,
  kXReg0,
  kXReg1,
  kXReg2,
  kXReg3,
  kPktMark,
  kCtState,
  kCtMark,
  kCtLabel,
  kCtNwSrc,
  kCtIpv6Src,
  kCtNwDst,
  kCtIpv6Dst,
  kCtNwProto,
  kCtTpSrc,
  kCtTpDst,
  kRowCount,
};
}  // namespace oxm
using oxm::kRowCount;
using oxm::Row;
static_assert(kRowCount <= 64, "a set of rows is a word");

// The classes of OXM: ovs-fields(7), and OpenFlow 1.5, 7.2.3.2.
inline constexpr uint16_t kNxm = 0x0001;
inline constexpr uint16_t kOxm = 0x8000;
inline constexpr uint16_t kPacketRegisters = 0x8001;  // two registers of 32 bits in each

enum class Maskable : uint8_t { kNo, kYes };

struct RowSpec {
  uint16_t oxm_class;
  uint8_t number;
  uint8_t size;  // of the value, in bytes
  Field field;   // the one in the upper half, where a row has two
  Maskable maskable = Maskable::kYes;
};

inline constexpr std::array<RowSpec, kRowCount> kRowSpecs = {{
    {kOxm, 44, 4, Field::kEthType, Maskable::kNo},
    {kNxm, 37, 4, Field::kConjId, Maskable::kNo},
    {kOxm, 0, 4, Field::kInPort, Maskable::kNo},
    {kOxm, 4, 6, Field::kEthSrc},
    {kOxm, 3, 6, Field::kEthDst},
    {kOxm, 5, 2, Field::kEthType, Maskable::kNo},
    {kOxm, 6, 2, Field::kVlanTci, Maskable::kNo},
    {kOxm, 11, 4, Field::kNwSrc},
    {kOxm, 12, 4, Field::kNwDst},
    {kOxm, 26, 16, Field::kIpv6Src},
    {kOxm, 27, 16, Field::kIpv6Dst},
    {kOxm, 10, 1, Field::kNwProto, Maskable::kNo},
    {kOxm, 13, 2, Field::kTpSrc},
    {kOxm, 14, 2, Field::kTpDst},
    {kOxm, 15, 2, Field::kTpSrc},
    {kOxm, 16, 2, Field::kTpDst},
    {kOxm, 17, 2, Field::kTpSrc},
    {kOxm, 18, 2, Field::kTpDst},
    {kOxm, 21, 2, Field::kArpOp, Maskable::kNo},
    {kOxm, 22, 4, Field::kArpSpa},
    {kOxm, 23, 4, Field::kArpTpa},
    {kOxm, 24, 6, Field::kArpSha},
    {kOxm, 25, 6, Field::kArpTha},
    {kPacketRegisters, 0, 8, Field::kReg0},
    {kPacketRegisters, 1, 8, Field::kReg2},
    {kPacketRegisters, 2, 8, Field::kReg4},
    {kPacketRegisters, 3, 8, Field::kReg6},
    {kNxm, 33, 4, Field::kPktMark},
    {kNxm, 105, 4, Field::kCtState},
    {kNxm, 107, 4, Field::kCtMark},
    {kNxm, 108, 16, Field::kCtLabel},
    {kNxm, 120, 4, Field::kCtNwSrc},
    {kNxm, 122, 16, Field::kCtIpv6Src},
    {kNxm, 121, 4, Field::kCtNwDst},
    {kNxm, 123, 16, Field::kCtIpv6Dst},
    {kNxm, 119, 1, Field::kCtNwProto, Maskable::kNo},
    {kNxm, 124, 2, Field::kCtTpSrc},
    {kNxm, 125, 2, Field::kCtTpDst},
}};

constexpr bool IsRegisters(Row row) { return row >= oxm::kXReg0 && row <= oxm::kXReg3; }

// Bits of the row that can be matched. A match of all of them is sent without a mask.
Bits FullMaskOf(Row row);
// The row with this header; kRowCount if there is none.
Row RowOf(uint16_t oxm_class, uint8_t number);

// What a match says, by row.
struct Rows {
  struct Slot {
    Bits value;
    Bits mask;
  };
  uint64_t present = 0;
  std::array<Slot, kRowCount> slots;  // of absent rows: not initialized

  bool Has(Row row) const { return (present >> row & 1) != 0; }
  bool HasAny(Row first, Row last) const {
    return (present >> first & ~uint64_t{0} >> (63 - (last - first))) != 0;
  }
  // The lower 64 bits; 0 if the row is absent.
  uint64_t ValueOf(Row row) const { return Has(row) ? slots[row].value.lo : 0; }
  void Add(Row row, const Slot& slot) {
    const Slot before = Has(row) ? slots[row] : Slot{};
    slots[row] = {before.value | slot.value, before.mask | slot.mask};
    present |= uint64_t{1} << row;
  }
  // Calls `use(row)` in the order of the table.
  template <typename Use>
  void ForEach(Use use) const {
    for (uint64_t left = present; left != 0; left &= left - 1) {
      use(static_cast<Row>(std::countr_zero(left)));
    }
  }
};

// Every row has what it presupposes beside it, and a value and a mask that libopenvswitch sends and
// reads as they are.
bool ArePlain(const Rows& rows);

}  // namespace sluice::ofctl
