#include "tests/conformance/packets/packets_level.h"

#include <set>

namespace sluice::conformance {
namespace {

using std::chrono::milliseconds;

constexpr size_t kProbesAtOnce = 600;
// No answer within this time, and the switch says that it dropped the packet.
constexpr milliseconds kSilence{150};
// What a slow switch gets in addition to answer or to drop. In all less than the second after which
// TCP would send its packet once more, and make the switch count it once more.
constexpr milliseconds kMore{20};
constexpr int kMoreTimes = 6;
constexpr int kTries = 3;

Error Odd(const Probe& probe, const std::string& what) {
  return Internal(probe.service.ToString() + " to " + probe.server + ": " + what);
}

}  // namespace

Status PacketsLevel::Follow(Stage& stage) {
  if (!node_) {
    SLUICE_ASSIGN_OR_RETURN(node_, PacketNode::Start(programs_));
  }
  return node_->Follow(stage.state());
}

std::optional<std::string> PacketsLevel::WhyNot(const End& source, const End& destination) const {
  for (const End* end : {&source, &destination}) {
    if (end->pod) continue;
    if (auto why = WhyNoHost(end->ip)) return why;
  }
  return std::nullopt;
}

Status PacketsLevel::Furnish(const std::vector<End>& ends, const std::vector<Table>& tables) {
  std::set<IpAddress> outside;
  for (const Table& table : tables) {
    for (const Cell& cell : table.cells) {
      for (const uint32_t end : {cell.source, cell.destination}) {
        if (!ends[end].pod) outside.insert(ends[end].ip);
      }
    }
  }
  SLUICE_RETURN_IF_ERROR(node_->SurroundWith(outside));
  for (const Table& table : tables) {
    for (const Cell& cell : table.cells) {
      const End& end = ends[cell.destination];
      SLUICE_RETURN_IF_ERROR(node_->HostOf(end).Serve(
          {.service = table.service, .family = end.ip.family(), .name = end.name}, node_->home(),
          io_));
    }
  }
  return Ok();
}

Result<std::vector<Outcomes>> PacketsLevel::Judge(Stage&, const std::vector<End>& ends,
                                                  const std::vector<Table>& tables) {
  SLUICE_RETURN_IF_ERROR(Furnish(ends, tables));
  std::vector<Probe> probes;
  for (const Table& table : tables) {
    for (const Cell& cell : table.cells) {
      const End& to = ends[cell.destination];
      probes.push_back({&node_->HostOf(ends[cell.source]).netns(), to.ip, table.service, to.name});
    }
  }
  // The agent purges megaflows at once or, where states follow each other within a second, when
  // it may again: the revalidators are faster then. ovs-vswitchd marks its megaflows as outdated in
  // the turn of its loop after the one that has acknowledged a bundle: the first sweep may come too
  // early to know. The next Read is in a later turn.
  SLUICE_RETURN_IF_ERROR(node_->AwaitSweep());
  Outcomes all;
  for (size_t at = 0; at < probes.size(); at += kProbesAtOnce) {
    const auto end = probes.begin() + std::min(at + kProbesAtOnce, probes.size());
    SLUICE_ASSIGN_OR_RETURN(const Outcomes some, Try({probes.begin() + at, end}));
    all.insert(all.end(), some.begin(), some.end());
  }
  SLUICE_RETURN_IF_ERROR(node_->CheckUndisturbed());
  std::vector<Outcomes> by_table;
  auto next = all.begin();
  for (const Table& table : tables) {
    by_table.emplace_back(next, next + table.cells.size());
    next += table.cells.size();
  }
  return by_table;
}

Result<Outcomes> PacketsLevel::Try(const std::vector<Probe>& probes) {
  SLUICE_ASSIGN_OR_RETURN(const uint64_t before, node_->drops().Read());
  ProbeBatch batch(io_, node_->home(), probes);
  batch.RunFor(kSilence);
  uint64_t dropped = 0;
  for (int i = 0; batch.silent() > 0 && i < kMoreTimes; ++i) {
    SLUICE_ASSIGN_OR_RETURN(const uint64_t now, node_->drops().Read());
    dropped = now - before;
    if (dropped == batch.silent()) break;
    batch.RunFor(kMore);
  }
  // One packet each: as many drops as silent probes means that each of them was dropped.
  const bool proved = dropped == batch.silent();
  Outcomes outcomes;
  for (size_t i = 0; i < probes.size(); ++i) {
    if (batch.fate(i) == Fate::kOdd) return Odd(probes[i], batch.oddity(i));
    Outcome outcome = batch.fate(i) == Fate::kAnswered ? Outcome::kAllowed : Outcome::kDenied;
    if (outcome == Outcome::kDenied && !proved) {
      SLUICE_ASSIGN_OR_RETURN(outcome, TryAlone(probes[i]));
    }
    outcomes.push_back(outcome);
  }
  return outcomes;
}

Result<Outcome> PacketsLevel::TryAlone(const Probe& probe) {
  for (int i = 0; i < kTries; ++i) {
    SLUICE_ASSIGN_OR_RETURN(const uint64_t before, node_->drops().Read());
    ProbeBatch batch(io_, node_->home(), {probe});
    batch.RunFor(kSilence + kMoreTimes * kMore);
    if (batch.fate(0) == Fate::kOdd) return Odd(probe, batch.oddity(0));
    if (batch.fate(0) == Fate::kAnswered) return Outcome::kAllowed;
    SLUICE_ASSIGN_OR_RETURN(const uint64_t after, node_->drops().Read());
    if (after > before) return Outcome::kDenied;
  }
  return Outcome::kLost;
}

}  // namespace sluice::conformance
