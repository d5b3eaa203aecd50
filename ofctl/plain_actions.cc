#include "ofctl/plain_actions.h"

#include <algorithm>

#include "ofctl/plain_rows.h"
#include "ofctl/wire_bits.h"

namespace sluice::ofctl {
namespace {

// OpenFlow 1.5, 7.2.5 and 7.2.6; ovs-actions(7).
constexpr uint16_t kGotoTable = 1;
constexpr uint16_t kApplyActions = 4;
constexpr uint16_t kOutput = 0;
constexpr uint16_t kSetField = 25;
constexpr uint16_t kExperimenter = 0xffff;
constexpr uint32_t kNicira = 0x00002320;
constexpr uint16_t kConjunction = 34;
constexpr uint16_t kWholePacket = 0xffff;
constexpr uint32_t kFirstReservedPort = 0xff00;

constexpr size_t kInstruction = 8;  // both kinds: goto_table, and the head of apply_actions
constexpr size_t kLongest = 16;     // of the actions here, all of which are multiples of eight
constexpr size_t kRegister = 4;
constexpr uint8_t kRegisters = 8;
constexpr unsigned kClauses = 64;

bool IsRegister(Field field) { return field >= Field::kReg0 && field <= Field::kReg7; }

// Writes one action; the end of it. Null: it is not plain.
class Writer {
 public:
  explicit Writer(uint8_t* at) : at_(at) {}

  uint8_t* operator()(const SetField& set) const {
    const SubField& target = set.target;
    const bool sound = IsRegister(target.field) && target.first <= target.last &&
                       target.last < 8 * kRegister && set.value.hi == 0 &&
                       set.value.lo >> target.width() == 0;
    if (!sound) return nullptr;
    const bool masked = target.width() < 8 * kRegister;
    const size_t length = Padded(8 + (masked ? 2 : 1) * kRegister);
    Begin(kSetField, length);
    Put16(kNxm, at_ + 4);
    const auto number = static_cast<unsigned>(target.field) - static_cast<unsigned>(Field::kReg0);
    at_[6] = static_cast<uint8_t>(number << 1 | (masked ? 1 : 0));
    at_[7] = masked ? 2 * kRegister : kRegister;
    PutBits(set.value << target.first, at_ + 8, kRegister);
    if (masked) PutBits(MaskOf(target), at_ + 8 + kRegister, kRegister);
    return at_ + length;
  }

  uint8_t* operator()(const Output& output) const {
    if (output.port >= kFirstReservedPort) return nullptr;
    Begin(kOutput, kLongest);
    Put32(output.port, at_ + 4);
    Put16(kWholePacket, at_ + 8);
    return at_ + kLongest;
  }

  uint8_t* operator()(const Conjunction& conjunction) const {
    const bool sound = conjunction.clauses >= 2 && conjunction.clauses <= kClauses &&
                       conjunction.clause >= 1 && conjunction.clause <= conjunction.clauses;
    if (!sound) return nullptr;
    Begin(kExperimenter, kLongest);
    Put32(kNicira, at_ + 4);
    Put16(kConjunction, at_ + 8);
    at_[10] = static_cast<uint8_t>(conjunction.clause - 1);
    at_[11] = conjunction.clauses;
    Put32(conjunction.id, at_ + 12);
    return at_ + kLongest;
  }

  template <typename Other>
  uint8_t* operator()(const Other&) const {
    return nullptr;
  }

 private:
  void Begin(uint16_t type, size_t length) const {
    Put16(type, at_);
    Put16(static_cast<uint16_t>(length), at_ + 2);
  }

  uint8_t* at_;  // zeros
};

// Conjunctions go with nothing else.
bool GoTogether(const Actions& actions) {
  const auto conjunctions = std::count_if(actions.begin(), actions.end(), [](const Action& action) {
    return std::holds_alternative<Conjunction>(action);
  });
  return conjunctions == 0 || static_cast<size_t>(conjunctions) == actions.size();
}

std::optional<Action> ReadSet(std::span<const uint8_t> action) {
  const uint8_t* const at = action.data();
  const bool masked = (at[6] & 1) != 0;
  const size_t payload = (masked ? 2 : 1) * kRegister;
  const unsigned number = at[6] >> 1;
  if (Get16(at + 4) != kNxm || number >= kRegisters || at[7] != payload ||
      action.size() != Padded(8 + payload) || !AllZero(action.subspan(8 + payload))) {
    return std::nullopt;
  }
  const auto field = static_cast<Field>(static_cast<unsigned>(Field::kReg0) + number);
  const uint32_t value = Get32(at + 8);
  if (!masked) return SetField{Whole(field), {0, value}};
  const uint32_t mask = Get32(at + 12);
  if (mask == 0 || mask == UINT32_MAX || (value & ~mask) != 0) return std::nullopt;
  const auto first = static_cast<uint8_t>(std::countr_zero(mask));
  const auto last = static_cast<uint8_t>(31 - std::countl_zero(mask));
  const SubField target{field, first, last};
  if (MaskOf(target).lo != mask) return std::nullopt;
  return SetField{target, {0, value >> first}};
}

std::optional<Action> ReadOutput(std::span<const uint8_t> action) {
  const uint32_t port = Get32(action.data() + 4);
  if (action.size() != kLongest || port >= kFirstReservedPort ||
      Get16(action.data() + 8) != kWholePacket || !AllZero(action.subspan(10))) {
    return std::nullopt;
  }
  return Output{port};
}

std::optional<Action> ReadConjunction(std::span<const uint8_t> action) {
  const uint8_t* const at = action.data();
  if (action.size() != kLongest || Get32(at + 4) != kNicira || Get16(at + 8) != kConjunction ||
      at[11] < 2 || at[11] > kClauses || at[10] >= at[11]) {
    return std::nullopt;
  }
  return Conjunction{Get32(at + 12), static_cast<uint8_t>(at[10] + 1), at[11]};
}

std::optional<Action> ReadAction(std::span<const uint8_t> action) {
  switch (Get16(action.data())) {
    case kSetField:
      return ReadSet(action);
    case kOutput:
      return ReadOutput(action);
    case kExperimenter:
      return ReadConjunction(action);
    default:
      return std::nullopt;
  }
}

// What apply_actions holds. False: not plain.
bool ReadApplied(std::span<const uint8_t> bytes, Actions& actions) {
  actions.reserve(bytes.size() / kLongest + 1);
  while (!bytes.empty()) {
    const size_t length = bytes.size() < kLongest ? 0 : Get16(bytes.data() + 2);
    if (length < kLongest || length > bytes.size()) return false;
    std::optional<Action> action = ReadAction(bytes.first(length));
    if (!action) return false;
    actions.push_back(*std::move(action));
    bytes = bytes.subspan(length);
  }
  return true;
}

}  // namespace

Plain AppendPlain(const Actions& actions, Message& out) {
  if (!GoTogether(actions)) return Plain::kNo;
  const size_t start = out.size();
  const auto* const go = actions.empty() ? nullptr : std::get_if<GotoTable>(&actions.back());
  const size_t applied = actions.size() - (go != nullptr ? 1 : 0);
  out.resize(start + 2 * kInstruction + applied * kLongest);
  uint8_t* const first = out.data() + start;
  uint8_t* at = first;
  if (applied > 0) at += kInstruction;
  for (size_t i = 0; i < applied; ++i) {
    at = std::visit(Writer(at), actions[i]);
    if (at == nullptr || at - first > UINT16_MAX) {
      out.resize(start);
      return Plain::kNo;
    }
  }
  if (applied > 0) {
    Put16(kApplyActions, first);
    Put16(static_cast<uint16_t>(at - first), first + 2);
  }
  if (go != nullptr) {
    Put16(kGotoTable, at);
    Put16(kInstruction, at + 2);
    at[4] = go->table;
    at += kInstruction;
  }
  out.resize(start + static_cast<size_t>(at - first));
  return Plain::kYes;
}

std::optional<Actions> ReadPlainActions(std::span<const uint8_t> bytes) {
  Actions actions;
  if (bytes.size() >= kInstruction && Get16(bytes.data()) == kApplyActions) {
    const size_t length = Get16(bytes.data() + 2);
    if (length < kInstruction + kLongest || length > bytes.size() ||
        !AllZero(bytes.subspan(4, 4)) ||
        !ReadApplied(bytes.subspan(kInstruction, length - kInstruction), actions)) {
      return std::nullopt;
    }
    bytes = bytes.subspan(length);
  }
  if (bytes.size() == kInstruction && Get16(bytes.data()) == kGotoTable &&
      Get16(bytes.data() + 2) == kInstruction && AllZero(bytes.subspan(5))) {
    actions.push_back(GotoTable{bytes[4]});
    bytes = {};
  }
  if (!bytes.empty() || !GoTogether(actions)) return std::nullopt;
  return actions;
}

}  // namespace sluice::ofctl
