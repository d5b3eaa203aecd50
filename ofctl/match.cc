#include "ofctl/match.h"

#include <algorithm>
#include <array>
#include <functional>

#include "ofctl/wire_bits.h"

namespace sluice::ofctl {
namespace {

size_t BytesOf(Field field) { return (SpecOf(field).bits + 7u) / 8u; }

Field FieldAt(const char* entry) { return static_cast<Field>(static_cast<uint8_t>(*entry) >> 1); }
bool IsExact(const char* entry) { return (*entry & 1) != 0; }
size_t SizeOf(const char* entry) { return 1 + BytesOf(FieldAt(entry)) * (IsExact(entry) ? 1 : 2); }

FieldMatch Unpacked(const char* entry) {
  const Field field = FieldAt(entry);
  const auto* value = reinterpret_cast<const uint8_t*>(entry + 1);
  const size_t size = BytesOf(field);
  return {field, GetBits(value, size),
          IsExact(entry) ? FullMask(field) : GetBits(value + size, size)};
}

// An entry that is about to be put somewhere.
class PackedEntry {
 public:
  explicit PackedEntry(const FieldMatch& entry) : size_(1) {
    const bool exact = entry.mask == FullMask(entry.field);
    bytes_[0] = static_cast<uint8_t>(static_cast<uint8_t>(entry.field) << 1 | (exact ? 1 : 0));
    Add(entry.value, BytesOf(entry.field));
    if (!exact) Add(entry.mask, BytesOf(entry.field));
  }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(bytes_.data()), size_}; }

 private:
  void Add(const Bits& bits, size_t size) {
    PutBits(bits, bytes_.data() + size_, size);
    size_ += size;
  }

  std::array<uint8_t, 1 + 2 * sizeof(Bits)> bytes_;
  size_t size_;
};
static_assert(kFieldCount <= 128, "a field and a bit are a byte");

// Where the field's entry is, or would be.
size_t PositionOf(Field field, const std::string& packed) {
  size_t at = 0;
  while (at < packed.size() && FieldAt(packed.data() + at) < field)
    at += SizeOf(packed.data() + at);
  return at;
}

}  // namespace

FieldMatch Match::Fields::Iterator::operator*() const { return Unpacked(at_); }

Match::Fields::Iterator& Match::Fields::Iterator::operator++() {
  at_ += SizeOf(at_);
  return *this;
}

Match::Match(std::vector<FieldMatch> fields) {
  std::sort(fields.begin(), fields.end(),
            [](const FieldMatch& a, const FieldMatch& b) { return a.field < b.field; });
  for (const FieldMatch& entry : fields) packed_ += PackedEntry(entry).bytes();
}

Match& Match::Masked(Field field, const Bits& value, const Bits& mask) {
  const size_t at = PositionOf(field, packed_);
  const bool present = at < packed_.size() && FieldAt(packed_.data() + at) == field;
  const size_t replaced = present ? SizeOf(packed_.data() + at) : 0;
  const Bits used = mask & FullMask(field);
  const PackedEntry entry({field, value & used, used});
  packed_.replace(at, replaced, used.zero() ? std::string_view() : entry.bytes());
  return *this;
}

Match& Match::Exact(Field field, uint64_t value) {
  return Masked(field, {0, value}, FullMask(field));
}

Match& Match::Bits32(const SubField& subfield, uint32_t value) {
  const uint64_t mask = ((uint64_t{1} << subfield.width()) - 1) << subfield.first;
  const FieldMatch before = Find(subfield.field).value_or(FieldMatch{subfield.field, {}, {}});
  const uint64_t kept = before.value.lo & ~mask;
  return Masked(subfield.field, {0, kept | uint64_t{value} << subfield.first},
                {0, before.mask.lo | mask});
}

Match& Match::Prefix(Field field, const Cidr& cidr) {
  return Masked(field, ToBits(cidr.network()), PrefixMask(cidr.family(), cidr.length()));
}

Match& Match::Mac(Field field, const MacAddress& mac) { return Exact(field, mac.bits()); }

Match& Match::CtState(const CtStateSpec& spec) {
  return Masked(Field::kCtState, {0, spec.set}, {0, spec.set | spec.clear});
}

std::optional<FieldMatch> Match::Find(Field field) const {
  const size_t at = PositionOf(field, packed_);
  if (at == packed_.size() || FieldAt(packed_.data() + at) != field) return std::nullopt;
  return Unpacked(packed_.data() + at);
}

size_t Match::Hash() const { return std::hash<std::string_view>()(packed_); }

}  // namespace sluice::ofctl
