// Match: which packets a flow is for. A value type with one canonical form, so that a match built
// here and the same match read back from the switch are equal.
//
//   Match().Ip(IpFamily::kIPv4).CtState({.set = kCtTrk, .clear = kCtInv}).Exact(Field::kReg5, 3)
#pragma once

#include <cstddef>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/strong_id.h"
#include "ofctl/field.h"

namespace sluice::ofctl {

struct FieldMatch {
  Field field;
  Bits value;  // no bit outside the mask
  Bits mask;

  friend auto operator<=>(const FieldMatch&, const FieldMatch&) = default;
};

struct CtStateSpec {
  uint32_t set = 0;    // CtStateBit flags that must be set
  uint32_t clear = 0;  // CtStateBit flags that must be clear
};

class Match {
 public:
  // Its entries: sorted by field, at most one a field, none with an empty mask. Made as they are
  // come to; valid as long as the match is there and unchanged.
  class Fields {
   public:
    class Iterator {
     public:
      using iterator_category = std::input_iterator_tag;
      using value_type = FieldMatch;
      using difference_type = std::ptrdiff_t;
      using pointer = void;
      using reference = FieldMatch;

      Iterator() = default;
      explicit Iterator(const char* at) : at_(at) {}
      FieldMatch operator*() const;
      Iterator& operator++();
      void operator++(int) { ++*this; }
      friend bool operator==(const Iterator&, const Iterator&) = default;

     private:
      const char* at_ = nullptr;
    };

    explicit Fields(std::string_view packed) : packed_(packed) {}
    Iterator begin() const { return Iterator(packed_.data()); }
    Iterator end() const { return Iterator(packed_.data() + packed_.size()); }
    size_t size() const { return static_cast<size_t>(std::distance(begin(), end())); }

   private:
    std::string_view packed_;
  };

  Match() = default;
  // Of different fields, in any order; values within their masks, no mask empty.
  explicit Match(std::vector<FieldMatch> fields);

  // Each setter replaces what the match said of that field.
  Match& Exact(Field field, uint64_t value);
  Match& Masked(Field field, const Bits& value, const Bits& mask);
  // The bits of the sub-field equal `value`; other bits of the field keep what they had.
  Match& Bits32(const SubField& subfield, uint32_t value);
  Match& Prefix(Field field, const Cidr& cidr);
  Match& Mac(Field field, const MacAddress& mac);
  Match& CtState(const CtStateSpec& spec);
  Match& EthType(uint16_t type) { return Exact(Field::kEthType, type); }
  Match& Ip(IpFamily family) {
    return EthType(family == IpFamily::kIPv4 ? kEthTypeIPv4 : kEthTypeIPv6);
  }
  Match& InPort(OfPort port) { return Exact(Field::kInPort, port.value); }

  Fields fields() const { return Fields(packed_); }
  std::optional<FieldMatch> Find(Field field) const;
  // As `ovs-ofctl dump-flows` prints it: "ct_state=-inv+trk,ip,reg5=0x3".
  std::string ToString() const;
  size_t Hash() const;

  friend auto operator<=>(const Match&, const Match&) = default;

 private:
  // Entry by entry, in the order of Fields: `field << 1`, plus 1 if the mask is full; the value,
  // big-endian; the mask, unless it is full. A match is stored twice in an agent and looked up all
  // the time: nearly all of IPv4 fit into the 15 bytes that a string has room for in itself.
  std::string packed_;
};

}  // namespace sluice::ofctl
