// Flows as text, in the words of ovs-ofctl(8) and ovs-actions(7): the very line that
// `ovs-ofctl -O OpenFlow15 --no-stats dump-flows` prints.
#include "ofctl/base/hash.h"
#include "ofctl/field_text.h"
#include "ofctl/flow.h"

namespace sluice::ofctl {
namespace {

constexpr uint16_t kDefaultPriority = 0x8000;  // not printed by ovs-ofctl

enum class Transport : uint8_t { kUnknown, kTcp, kUdp, kSctp, kIcmp };

bool IsIp(const Match& match) {
  const auto type = match.Find(Field::kEthType);
  return type && (type->value.lo == kEthTypeIPv4 || type->value.lo == kEthTypeIPv6);
}

Transport TransportOf(const Match& match) {
  const auto proto = match.Find(Field::kNwProto);
  if (!proto || !IsIp(match)) return Transport::kUnknown;
  const bool v6 = match.Find(Field::kEthType)->value.lo == kEthTypeIPv6;
  if (proto->value.lo == (v6 ? kProtoIcmpV6 : kProtoIcmp)) return Transport::kIcmp;
  switch (proto->value.lo) {
    case kProtoTcp:
      return Transport::kTcp;
    case kProtoUdp:
      return Transport::kUdp;
    case kProtoSctp:
      return Transport::kSctp;
    default:
      return Transport::kUnknown;
  }
}

std::string_view TransportName(Transport transport) {
  switch (transport) {
    case Transport::kTcp:
      return "tcp";
    case Transport::kUdp:
      return "udp";
    case Transport::kSctp:
      return "sctp";
    case Transport::kIcmp:
      return "icmp";
    case Transport::kUnknown:
      break;
  }
  return "";
}

// The one word that stands for dl_type and nw_proto: "tcp6"; "" when dl_type has no word.
std::string ProtocolWord(const Match& match) {
  const auto type = match.Find(Field::kEthType);
  if (!type) return "";
  if (type->value.lo == kEthTypeArp) return "arp";
  if (!IsIp(match)) return "";
  const bool v6 = type->value.lo == kEthTypeIPv6;
  const Transport transport = TransportOf(match);
  if (transport == Transport::kUnknown) return v6 ? "ipv6" : "ip";
  return std::string(TransportName(transport)) + (v6 ? "6" : "");
}

std::string_view MatchName(Field field, Transport transport) {
  const bool icmp = transport == Transport::kIcmp;
  if (field == Field::kTpSrc) return icmp ? "icmp_type" : "tp_src";
  if (field == Field::kTpDst) return icmp ? "icmp_code" : "tp_dst";
  return SpecOf(field).name;
}

// Ports of the transport layer have one name a protocol where they are operands.
std::string SetName(Field field, Transport transport) {
  const std::string protocol(TransportName(transport));
  if (protocol.empty()) return std::string(SpecOf(field).set_name);
  if (field == Field::kTpSrc) return protocol + "_src";
  if (field == Field::kTpDst) return protocol + "_dst";
  return std::string(SpecOf(field).set_name);
}

std::string NxmName(Field field, Transport transport) {
  std::string name(SpecOf(field).nxm_name);
  if (field != Field::kTpSrc && field != Field::kTpDst) return name;
  const std::string_view end = field == Field::kTpSrc ? "_SRC" : "_DST";
  switch (transport) {
    case Transport::kTcp:
      return "NXM_OF_TCP" + std::string(end);
    case Transport::kUdp:
      return "NXM_OF_UDP" + std::string(end);
    case Transport::kSctp:
      return "OXM_OF_SCTP" + std::string(end);
    default:
      return name;
  }
}

std::string TableText(uint8_t table, const TableName& name) {
  const std::string_view known = name ? name(table) : std::string_view();
  return known.empty() ? std::to_string(table) : std::string(known);
}

struct ActionText {
  const TableName& name;
  Transport transport;

  std::string Operand(const SubField& subfield) const {
    std::string text = NxmName(subfield.field, transport);
    if (subfield == Whole(subfield.field)) return text + "[]";
    text += "[" + std::to_string(subfield.first);
    if (subfield.last != subfield.first) text += ".." + std::to_string(subfield.last);
    return text + "]";
  }

  std::string operator()(const SetField& set) const {
    const Field field = set.target.field;
    const FieldMatch entry{field, set.value << set.target.first, MaskOf(set.target)};
    return "set_field:" + SetValueText(entry) + "->" + SetName(field, transport);
  }
  std::string operator()(const MoveField& move) const {
    return "move:" + Operand(move.source) + "->" + Operand(move.target);
  }
  std::string operator()(const Output& output) const {
    constexpr uint32_t kFirstReserved = 0xffffff00;  // OFPP_MAX
    constexpr uint32_t kController = 0xfffffffd;
    if (output.port == kController) return "CONTROLLER:65535";
    return (output.port < kFirstReserved ? "output:" : "") + PortText(output.port);
  }
  std::string operator()(const OutputField& output) const {
    return "output:" + Operand(output.source);
  }
  std::string operator()(const Conjunction& conjunction) const {
    return "conjunction(" + std::to_string(conjunction.id) + "," +
           std::to_string(conjunction.clause) + "/" + std::to_string(conjunction.clauses) + ")";
  }
  std::string operator()(const Ct& ct) const {
    std::string text;
    const auto add = [&text](const std::string& part) { text += (text.empty() ? "" : ",") + part; };
    if (ct.commit == CtCommit::kYes) add("commit");
    if (ct.table) add("table=" + TableText(*ct.table, name));
    if (ct.zone != 0) add("zone=" + std::to_string(ct.zone));
    std::string exec;
    for (const auto& action : ct.exec)
      exec += (exec.empty() ? "" : ",") + std::visit(*this, action);
    if (!exec.empty()) add("exec(" + exec + ")");
    return "ct(" + text + ")";
  }
  std::string operator()(const Resubmit& resubmit) const {
    return "resubmit(," + TableText(resubmit.table, name) + ")";
  }
  std::string operator()(const Learn& learn) const {
    std::string text = "learn(table=" + TableText(learn.table, name);
    const auto add = [&text](const std::string& part) { text += "," + part; };
    if (learn.idle_timeout != 0) add("idle_timeout=" + std::to_string(learn.idle_timeout));
    if (learn.priority != kDefaultPriority) add("priority=" + std::to_string(learn.priority));
    if (learn.cookie != 0) add("cookie=" + HexText({0, learn.cookie}));
    if (learn.limit != 0) add("limit=" + std::to_string(learn.limit));
    for (const Learn::Spec& spec : learn.specs) add(std::visit(*this, spec));
    return text + ")";
  }
  std::string operator()(const Learn::MatchField& match) const {
    const std::string target = Operand(match.target);
    return match.target == match.source ? target : target + "=" + Operand(match.source);
  }
  std::string operator()(const Learn::MatchValue& match) const {
    const Field field = match.target.field;
    if (match.target != Whole(field)) return Operand(match.target) + "=" + HexText(match.value);
    return SetName(field, transport) + "=" + SetValueText({field, match.value, FullMask(field)});
  }
  std::string operator()(const Learn::LoadValue& load) const {
    return "load:" + HexText(load.value) + "->" + Operand(load.target);
  }
  std::string operator()(const GotoTable& go) const {
    return "goto_table:" + TableText(go.table, name);
  }
  std::string operator()(const Foreign& foreign) const { return foreign.text; }
};

std::string ActionsText(const Actions& actions, const ActionText& visitor) {
  if (actions.empty()) return "drop";
  std::string text;
  for (const Action& action : actions) {
    text += (text.empty() ? "" : ",") + std::visit(visitor, action);
  }
  return text;
}

}  // namespace

std::string Match::ToString() const {
  const std::string word = ProtocolWord(*this);
  const Transport transport = TransportOf(*this);
  std::string text;
  bool word_due = !word.empty();
  const auto append = [&text](const std::string& part) {
    text += (text.empty() ? "" : ",") + part;
  };
  for (const FieldMatch& entry : fields()) {
    if (word_due && entry.field >= Field::kReg0) {
      append(word);
      word_due = false;
    }
    if (entry.field == Field::kEthType && !word.empty()) continue;
    if (entry.field == Field::kNwProto && transport != Transport::kUnknown) continue;
    append(std::string(MatchName(entry.field, transport)) + "=" + MatchValueText(entry));
  }
  return text;
}

std::string ToString(const Actions& actions, const TableName& name) {
  return ActionsText(actions, {name, Transport::kUnknown});
}

std::string ToString(const Actions& actions) { return ToString(actions, nullptr); }

std::string ToString(const FlowKey& key, const TableName& name) {
  const std::string match = key.match.ToString();
  return "table=" + TableText(key.table, name) + ", priority=" + std::to_string(key.priority) +
         (match.empty() ? "" : "," + match);
}

std::string ToString(const Flow& flow, const TableName& name) {
  const FlowKey& key = flow.key;
  std::string text;
  if (flow.body.cookie != 0) text += "cookie=" + HexText({0, flow.body.cookie}) + ", ";
  const bool named = name && !name(key.table).empty();
  if (key.table != 0 || named) text += "table=" + TableText(key.table, name) + ", ";
  std::string match = key.match.ToString();
  if (key.priority != kDefaultPriority) {
    match = "priority=" + std::to_string(key.priority) + (match.empty() ? "" : ",") + match;
  }
  if (!match.empty()) text += match + " ";
  return text + "actions=" + ActionsText(flow.body.actions, {name, TransportOf(key.match)});
}

size_t FlowKeyHash::operator()(const FlowKey& key) const {
  return CombineHash(key.match.Hash(), static_cast<uint64_t>(key.table) << 16 | key.priority);
}

}  // namespace sluice::ofctl
