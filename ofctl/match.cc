#include "ofctl/match.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "ofctl/base/hash.h"

namespace sluice::ofctl {

Match::Match(std::vector<FieldMatch> fields) : fields_(std::move(fields)) {
  std::sort(fields_.begin(), fields_.end(),
            [](const FieldMatch& a, const FieldMatch& b) { return a.field < b.field; });
}

Match& Match::Masked(Field field, const Bits& value, const Bits& mask) {
  const auto position =
      std::lower_bound(fields_.begin(), fields_.end(), field,
                       [](const FieldMatch& entry, Field wanted) { return entry.field < wanted; });
  const bool present = position != fields_.end() && position->field == field;
  const Bits used = mask & FullMask(field);
  const FieldMatch entry{field, value & used, used};
  if (used.zero()) {
    if (present) fields_.erase(position);
  } else if (present) {
    *position = entry;
  } else {
    fields_.insert(position, entry);
  }
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
  for (const FieldMatch& entry : fields_) {
    if (entry.field == field) return entry;
  }
  return std::nullopt;
}

size_t Match::Hash() const {
  uint64_t hash = fields_.size();
  for (const FieldMatch& entry : fields_) {
    const uint64_t value = entry.value.lo ^ std::rotl(entry.value.hi, 17);
    const uint64_t mask = entry.mask.lo ^ std::rotl(entry.mask.hi, 17);
    hash = MixBits(hash ^ value ^ std::rotl(mask, 32) ^ static_cast<uint64_t>(entry.field) << 56);
  }
  return hash;
}

}  // namespace sluice::ofctl
