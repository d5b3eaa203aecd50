#include "ofctl/plain_rows.h"

namespace sluice::ofctl {
namespace {

constexpr std::array<Bits, kRowCount> kFull = [] {
  std::array<Bits, kRowCount> full{};
  for (size_t row = 0; row < kRowCount; ++row) {
    const size_t bits = 8u * kRowSpecs[row].size;
    full[row] =
        bits == 128 ? Bits{~uint64_t{0}, ~uint64_t{0}} : Bits{0, ~uint64_t{0} >> (64 - bits)};
  }
  full[oxm::kCtState] = {0, 0xff};
  return full;
}();

constexpr size_t kNumbers = 128;  // 7 bits of the header

constexpr std::array<Row, kNumbers> RowsOfClass(uint16_t oxm_class) {
  std::array<Row, kNumbers> rows{};
  for (Row& row : rows) row = kRowCount;
  for (size_t row = 0; row < kRowCount; ++row) {
    if (kRowSpecs[row].oxm_class == oxm_class) rows[kRowSpecs[row].number] = static_cast<Row>(row);
  }
  return rows;
}
constexpr auto kNxmRows = RowsOfClass(kNxm);
constexpr auto kOxmRows = RowsOfClass(kOxm);
constexpr auto kRegisterRows = RowsOfClass(kPacketRegisters);

constexpr uint64_t kExactRows = [] {
  uint64_t rows = 0;
  for (size_t row = 0; row < kRowCount; ++row) {
    if (kRowSpecs[row].maskable == Maskable::kNo) rows |= uint64_t{1} << row;
  }
  return rows;
}();

bool ExactWhereTheyMust(const Rows& rows) {
  for (uint64_t left = rows.present & kExactRows; left != 0; left &= left - 1) {
    const auto row = static_cast<Row>(std::countr_zero(left));
    if (rows.slots[row].mask != kFull[row]) return false;
  }
  return true;
}

// libopenvswitch's "valid connection": a bit that only a connection's packet has, or tracked and
// not invalid.
bool MatchTracked(const Rows& rows) {
  constexpr uint64_t kOfConnection = 0xcf;
  if (!rows.Has(oxm::kCtState)) return false;
  const auto& [value, mask] = rows.slots[oxm::kCtState];
  return (value.lo & kOfConnection) != 0 ||
         ((value.lo & kCtTrk) != 0 && (mask.lo & kCtInv) != 0 && (value.lo & kCtInv) == 0);
}

// Others are sent as something else, or not at all.
bool HaveOrdinaryValues(const Rows& rows) {
  constexpr uint64_t kFirstReservedPort = 0xff00;
  constexpr uint64_t kFirstEthType = 0x600;  // what is less is a length
  return rows.ValueOf(oxm::kPacketType) == 0 && rows.ValueOf(oxm::kInPort) < kFirstReservedPort &&
         (!rows.Has(oxm::kEthType) || rows.ValueOf(oxm::kEthType) >= kFirstEthType) &&
         rows.ValueOf(oxm::kVlanVid) == 0 && rows.ValueOf(oxm::kArpOp) <= UINT8_MAX &&
         (!rows.Has(oxm::kCtNwProto) || rows.ValueOf(oxm::kCtNwProto) != 0) &&
         (!rows.Has(oxm::kCtState) || rows.slots[oxm::kCtState].mask != kFull[oxm::kCtState]);
}

}  // namespace

Bits FullMaskOf(Row row) { return kFull[row]; }

Row RowOf(uint16_t oxm_class, uint8_t number) {
  if (oxm_class == kNxm) return kNxmRows[number];
  if (oxm_class == kOxm) return kOxmRows[number];
  if (oxm_class == kPacketRegisters) return kRegisterRows[number];
  return kRowCount;
}

bool ArePlain(const Rows& rows) {
  if (!ExactWhereTheyMust(rows) || !HaveOrdinaryValues(rows)) return false;
  const uint64_t eth_type = rows.ValueOf(oxm::kEthType);
  const bool v4 = eth_type == kEthTypeIPv4;
  const bool v6 = eth_type == kEthTypeIPv6;
  const uint64_t proto = rows.ValueOf(oxm::kIpProto);
  return (v4 || !rows.HasAny(oxm::kIpv4Src, oxm::kIpv4Dst)) &&
         (v6 || !rows.HasAny(oxm::kIpv6Src, oxm::kIpv6Dst)) &&
         (v4 || v6 || !rows.Has(oxm::kIpProto)) &&
         (proto == kProtoTcp || !rows.HasAny(oxm::kTcpSrc, oxm::kTcpDst)) &&
         (proto == kProtoUdp || !rows.HasAny(oxm::kUdpSrc, oxm::kUdpDst)) &&
         (proto == kProtoSctp || !rows.HasAny(oxm::kSctpSrc, oxm::kSctpDst)) &&
         (eth_type == kEthTypeArp || !rows.HasAny(oxm::kArpOp, oxm::kArpTha)) &&
         (MatchTracked(rows) || !rows.HasAny(oxm::kCtNwSrc, oxm::kCtTpDst)) &&
         (rows.Has(oxm::kCtNwProto) || !rows.HasAny(oxm::kCtTpSrc, oxm::kCtTpDst));
}

}  // namespace sluice::ofctl
