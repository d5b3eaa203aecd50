#include "ofctl/plain_match.h"

#include "ofctl/plain_rows.h"
#include "ofctl/wire_bits.h"

namespace sluice::ofctl {
namespace {

constexpr size_t kMatchHeader = 4;  // type, length
constexpr size_t kEntryHeader = 4;  // class, number and whether there is a mask, length
constexpr uint16_t kOxmMatch = 1;   // OFPMT_OXM
constexpr unsigned kUpperHalf = 32;

// "Untagged" is the one match of the tag that is an entry as it is: neither VLAN id nor CFI.
constexpr FieldMatch kUntagged = {Field::kVlanTci, {0, 0}, {0, 0x1fff}};

// Where a field of a match stands; kRowCount: nowhere.
constexpr std::array<Row, kFieldCount> kRowOfField = [] {
  std::array<Row, kFieldCount> rows{};
  for (Row& row : rows) row = kRowCount;
  for (size_t i = kRowCount; i-- > oxm::kConjId;) {  // the first of several
    const auto row = static_cast<Row>(i);
    const auto field = static_cast<size_t>(kRowSpecs[row].field);
    rows[field] = row;
    if (IsRegisters(row)) rows[field + 1] = row;
  }
  rows[static_cast<size_t>(Field::kVlanTci)] = kRowCount;
  return rows;
}();

// Ports have two entries of their own for each protocol.
Row PortRow(Field field, uint64_t proto) {
  const auto of = [field](Row source) {
    return field == Field::kTpSrc ? source : static_cast<Row>(source + 1);
  };
  if (proto == kProtoTcp) return of(oxm::kTcpSrc);
  if (proto == kProtoUdp) return of(oxm::kUdpSrc);
  return proto == kProtoSctp ? of(oxm::kSctpSrc) : kRowCount;
}

// Absent: not plain.
std::optional<Rows> RowsOf(const Match& match) {
  Rows rows;
  for (const FieldMatch& entry : match.fields()) {
    if (entry == kUntagged) {
      rows.Add(oxm::kVlanVid, {{}, FullMaskOf(oxm::kVlanVid)});
      continue;
    }
    Row row = kRowOfField[static_cast<size_t>(entry.field)];
    if (row == oxm::kTcpSrc || row == oxm::kTcpDst) {
      row = PortRow(entry.field, rows.ValueOf(oxm::kIpProto));  // sorted before the ports
    }
    if (row == kRowCount) return std::nullopt;
    const bool upper = IsRegisters(row) && entry.field == kRowSpecs[row].field;
    const unsigned shift = upper ? kUpperHalf : 0;
    rows.Add(row, {entry.value << shift, entry.mask << shift});
  }
  if (!ArePlain(rows)) return std::nullopt;
  return rows;
}

Match MatchOf(const Rows& rows) {
  std::vector<FieldMatch> fields;
  fields.reserve(static_cast<size_t>(std::popcount(rows.present)) + 1);
  const auto add = [&fields](Field field, const Bits& value, const Bits& mask) {
    const Bits used = mask & FullMask(field);
    if (!used.zero()) fields.push_back({field, value & used, used});
  };
  rows.ForEach([&](Row row) {
    const auto& [value, mask] = rows.slots[row];
    const Field field = kRowSpecs[row].field;
    if (row == oxm::kPacketType) return;
    if (row == oxm::kVlanVid) return fields.push_back(kUntagged);
    if (!IsRegisters(row)) return add(field, value, mask);
    add(field, value >> kUpperHalf, mask >> kUpperHalf);
    add(static_cast<Field>(static_cast<size_t>(field) + 1), value, mask);
  });
  return Match(std::move(fields));
}

// One entry at the start of `bytes` into `rows`; how long it is. Absent: not plain.
std::optional<size_t> ReadEntry(std::span<const uint8_t> bytes, Rows& rows) {
  if (bytes.size() < kEntryHeader) return std::nullopt;
  const Row row = RowOf(Get16(bytes.data()), bytes[2] >> 1);
  // In the order of the table: none comes twice, none before what it presupposes.
  if (row == kRowCount || rows.present >> row != 0) return std::nullopt;
  const bool masked = (bytes[2] & 1) != 0;
  const size_t size = kRowSpecs[row].size;
  const size_t length = bytes[3];
  if (length != (masked ? 2 * size : size) || bytes.size() - kEntryHeader < length) {
    return std::nullopt;
  }
  const uint8_t* const at = bytes.data() + kEntryHeader;
  const Bits full = FullMaskOf(row);
  const Bits value = GetBits(at, size);
  const Bits mask = masked ? GetBits(at + size, size) : full;
  if ((masked && (mask == full || mask.zero())) || (mask & full) != mask ||
      (value & mask) != value) {
    return std::nullopt;
  }
  rows.Add(row, {value, mask});
  return kEntryHeader + length;
}

}  // namespace

Plain AppendPlain(const Match& match, Message& out) {
  const std::optional<Rows> rows = RowsOf(match);
  if (!rows) return Plain::kNo;
  const size_t start = out.size();
  constexpr size_t kMost = kEntryHeader + 2 * sizeof(Bits);
  out.resize(start + Padded(kMatchHeader + match.fields().size() * kMost));
  uint8_t* const first = out.data() + start;
  uint8_t* at = first + kMatchHeader;
  rows->ForEach([&](Row row) {
    const auto& [value, mask] = rows->slots[row];
    const RowSpec& spec = kRowSpecs[row];
    const bool masked = mask != FullMaskOf(row);
    Put16(spec.oxm_class, at);
    at[2] = static_cast<uint8_t>(spec.number << 1 | (masked ? 1 : 0));
    at[3] = static_cast<uint8_t>(masked ? 2 * spec.size : spec.size);
    PutBits(value, at + kEntryHeader, spec.size);
    if (masked) PutBits(mask, at + kEntryHeader + spec.size, spec.size);
    at += kEntryHeader + at[3];
  });
  const auto length = static_cast<size_t>(at - first);
  Put16(kOxmMatch, first);
  Put16(static_cast<uint16_t>(length), first + 2);
  out.resize(start + Padded(length));
  return Plain::kYes;
}

std::optional<PlainMatch> ReadPlainMatch(std::span<const uint8_t> bytes) {
  if (bytes.size() < kMatchHeader || Get16(bytes.data()) != kOxmMatch) return std::nullopt;
  const size_t length = Get16(bytes.data() + 2);
  const size_t size = Padded(length);
  if (length < kMatchHeader || size > bytes.size()) return std::nullopt;
  Rows rows;
  for (size_t offset = kMatchHeader; offset < length;) {
    const auto entry = ReadEntry(bytes.subspan(offset, length - offset), rows);
    if (!entry) return std::nullopt;
    offset += *entry;
  }
  if (!ArePlain(rows)) return std::nullopt;
  return PlainMatch{MatchOf(rows), size};
}

}  // namespace sluice::ofctl
