#include "tests/conformance/trace_level.h"

#include "tests/conformance/conntrack_shortcut.h"

namespace sluice::conformance {
namespace {

// The pod's port, or the gateway's for an address outside.
OfPort PortOf(const Stage& stage, const End& end) {
  return end.pod ? stage.PortOf(*end.pod) : TestNode().gateway;
}

// Another address than this one.
IpAddress Neighbour(const IpAddress& ip) {
  if (ip.is_v4()) return IpAddress::FromV4(ip.v4() ^ 1);
  IpAddress::Bytes bytes = ip.bytes();
  bytes.back() ^= 1;
  return IpAddress::FromV6(bytes);
}

TracedPacket PacketOf(const Stage& stage, const End& source, const End& destination,
                      const Service& service) {
  return {.in_port = PortOf(stage, source),
          .source_mac = source.pod ? store::MacFor(source.ip) : TestNode().mac,
          .destination_mac = TestNode().mac,
          .source = source.ip,
          .destination = destination.ip,
          .service = service};
}

}  // namespace

void TraceLevel::Equip(Stage& stage) {
  stage.desired().flows().Set(ConntrackShortcut(TestNode()));
  if (followed_ == &stage) followed_ = nullptr;  // a new stage where an old one was
}

Status TraceLevel::Start() {
  switch_ = std::make_unique<SwitchFollower>();
  return control_.Connect(switch_->sandbox().vswitchd_control());
}

Status TraceLevel::Follow(Stage& stage) {
  if (!switch_) SLUICE_RETURN_IF_ERROR(Start());
  for (const auto& [id, state] : stage.desired().store().endpoints()) {
    switch_->EnsurePort(*state.endpoint.ofport);
  }
  const auto whose =
      followed_ == &stage ? SwitchFollower::Whose::kSameAsBefore : SwitchFollower::Whose::kNew;
  followed_ = &stage;
  return switch_->Follow(stage.desired(), whose);
}

Result<std::vector<TraceVerdict>> TraceLevel::Trace(const std::vector<std::string>& flows) {
  std::vector<UnixctlCall> calls;
  calls.reserve(flows.size());
  for (const std::string& flow : flows)
    calls.push_back({"ofproto/trace", {"--names", kBridge, flow}});
  SLUICE_ASSIGN_OR_RETURN(const auto replies, control_.Call(calls));
  std::vector<TraceVerdict> verdicts;
  for (size_t i = 0; i < replies.size(); ++i) {
    const auto verdict = ReadTrace(replies[i]);
    if (!verdict.ok()) return verdict.error().Context(flows[i]);
    verdicts.push_back(*verdict);
  }
  return verdicts;
}

Result<std::vector<Outcomes>> TraceLevel::Judge(Stage& stage, const std::vector<End>& ends,
                                                const std::vector<Table>& tables) {
  std::vector<Outcomes> by_table;
  for (const Table& table : tables) {
    SLUICE_ASSIGN_OR_RETURN(by_table.emplace_back(), JudgeTable(stage, ends, table));
  }
  return by_table;
}

Result<Outcomes> TraceLevel::JudgeTable(const Stage& stage, const std::vector<End>& ends,
                                        const Table& table) {
  std::vector<std::string> flows;
  flows.reserve(table.cells.size());
  for (const Cell& cell : table.cells) {
    flows.push_back(
        TrackedFlow(PacketOf(stage, ends[cell.source], ends[cell.destination], table.service)));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto verdicts, Trace(flows));
  Outcomes outcomes;
  for (size_t i = 0; i < verdicts.size(); ++i) {
    const End& destination = ends[table.cells[i].destination];
    const auto& output = verdicts[i].output;
    if (output && *output != SwitchFollower::PortName(PortOf(stage, destination))) {
      return Internal("a packet for " + destination.name + " leaves by " + *output + ": " +
                      flows[i]);
    }
    outcomes.push_back(output ? Outcome::kAllowed : Outcome::kDenied);
  }
  return outcomes;
}

Result<std::vector<Check>> TraceLevel::CheckPods(Stage& stage, const std::vector<End>& ends) {
  constexpr Service kAnyService{store::Protocol::kTcp, 80};
  std::vector<std::string> flows;
  std::vector<Check> checks;
  for (const End& end : ends) {
    const bool attached = end.pod && stage.desired().store().FindPod(*end.pod) != nullptr;
    if (!attached) continue;
    TracedPacket packet = PacketOf(stage, end, end, kAnyService);
    packet.destination = *TestNode().AddressOf(end.ip.family());
    flows.push_back(UntrackedFlow(packet));
    checks.push_back({end.name + " may send from its own address", true});
    packet.source = Neighbour(end.ip);
    flows.push_back(UntrackedFlow(packet));
    checks.push_back({end.name + " may not send from another address", false});
  }
  SLUICE_ASSIGN_OR_RETURN(const auto verdicts, Trace(flows));
  for (size_t i = 0; i < checks.size(); ++i) {
    // Behind conntrack the trace has no original tuple: how it goes on from there says nothing.
    checks[i].holds = checks[i].holds == verdicts[i].tracked;
  }
  return checks;
}

}  // namespace sluice::conformance
