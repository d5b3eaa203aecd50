// Actions: what a flow does with a packet, as values. An empty list drops.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ofctl/base/strong_id.h"
#include "ofctl/field.h"

namespace sluice::ofctl {

// set_field:value/mask->field; the mask is that of the sub-field, `value` is right-aligned in it.
struct SetField {
  SubField target;
  Bits value;
  friend auto operator<=>(const SetField&, const SetField&) = default;
};

// move:source->target; both have the same width.
struct MoveField {
  SubField source;
  SubField target;
  friend auto operator<=>(const MoveField&, const MoveField&) = default;
};

// output:PORT (kPortInPort sends a packet back where it came from)
struct Output {
  uint32_t port;
  friend auto operator<=>(const Output&, const Output&) = default;
};

// output:NXM_NX_REG1[]
struct OutputField {
  SubField source;
  friend auto operator<=>(const OutputField&, const OutputField&) = default;
};

// conjunction(id, clause/clauses); clause counts from 1, clauses is 2..64 (1/1 is refused by the
// switch). Id 0 would match every packet (ovs-fields(7), measured).
struct Conjunction {
  uint32_t id;
  uint8_t clause;
  uint8_t clauses;
  friend auto operator<=>(const Conjunction&, const Conjunction&) = default;
};

enum class CtCommit : uint8_t { kNo, kYes };

// ct(commit,table=N,zone=Z,exec(...))
struct Ct {
  CtCommit commit = CtCommit::kNo;
  uint16_t zone = 0;
  std::optional<uint8_t> table;  // where the tracked packet goes on
  std::vector<std::variant<SetField, MoveField>> exec;
  friend auto operator<=>(const Ct&, const Ct&) = default;
};

// resubmit(,N): does what table N has for the packet, if it has anything, and comes back.
struct Resubmit {
  uint8_t table;
  friend auto operator<=>(const Resubmit&, const Resubmit&) = default;
};

// learn(...): the switch itself adds a flow, made of the packet at hand (ovs-actions(7)). It looks
// like a flow of others to whoever dumps: with an idle_timeout.
struct Learn {
  // The new flow's `target` must be what `source` is in the packet. Equal widths.
  struct MatchField {
    SubField target;
    SubField source;
    friend auto operator<=>(const MatchField&, const MatchField&) = default;
  };
  struct MatchValue {
    SubField target;
    Bits value;  // right-aligned
    friend auto operator<=>(const MatchValue&, const MatchValue&) = default;
  };
  struct LoadValue {
    SubField target;
    Bits value;  // right-aligned
    friend auto operator<=>(const LoadValue&, const LoadValue&) = default;
  };
  using Spec = std::variant<MatchField, MatchValue, LoadValue>;

  uint8_t table = 0;
  uint16_t priority = 0;
  uint16_t idle_timeout = 0;  // seconds; 0: never
  uint64_t cookie = 0;
  uint32_t limit = 0;  // flows of this cookie in the table, beyond which none is added; 0: no limit
  std::vector<Spec> specs;
  friend auto operator<=>(const Learn&, const Learn&) = default;
};

// Only ever last.
struct GotoTable {
  uint8_t table;
  friend auto operator<=>(const GotoTable&, const GotoTable&) = default;
};

// Something the switch holds that Sluice never writes. Equal to no action of ours, so that a flow
// that has it is always replaced.
struct Foreign {
  std::string text;
  friend auto operator<=>(const Foreign&, const Foreign&) = default;
};

using Action = std::variant<SetField, MoveField, Output, OutputField, Conjunction, Ct, Resubmit,
                            Learn, GotoTable, Foreign>;
using Actions = std::vector<Action>;

// As `ovs-ofctl dump-flows` prints it; "drop" for an empty list.
std::string ToString(const Actions& actions);

// 16 bytes each in a message of at most 64 KiB; beyond 4,085 of them Open vSwitch 3.1 accepts a
// flow and can no longer dump it. The planner keeps far below.
inline constexpr size_t kMaxConjunctionsPerFlow = 1000;

}  // namespace sluice::ofctl
