#include "tests/fuzz/campaign.h"

#include "tests/fuzz/shrinker.h"

namespace sluice::fuzz {

Result<std::optional<Failure>> Campaign::Run(uint64_t seed) {
  ++cases_;
  Generator generator({seed, spec_.features});
  History history{generator.world().validation, generator.world().sctp, {}};
  Replay replay(history, spec_.tamper);
  oracle::Cluster cluster;
  std::optional<Disagreement> found;
  for (size_t i = 1; i <= spec_.events && !found; ++i) {
    ++events_;
    history.events.push_back(generator.Next());
    const Event& event = history.events.back();
    if (const auto refused = replay.Apply(event)) {
      found = Disagreement{kDecode, {}, {*refused}};
      break;
    }
    Apply(event, cluster);
    if (i <= spec_.undisturbed) continue;
    SLUICE_ASSIGN_OR_RETURN(found, Look(i, replay, history, cluster, generator));
  }
  for (size_t level = 0; level < examiner_.level_count(); ++level) examiner_.Forget(level);
  if (!found) return std::optional<Failure>();
  SLUICE_ASSIGN_OR_RETURN(Failure failure, Shrunk(seed, history, *found));
  return std::optional(std::move(failure));
}

Result<std::optional<Disagreement>> Campaign::Look(size_t event, Replay& replay,
                                                   const History& history,
                                                   const oracle::Cluster& cluster,
                                                   Generator& generator) {
  for (size_t level = 0; level < spec_.paces.size(); ++level) {
    const Pace& pace = spec_.paces[level];
    if (event % pace.every != 0) continue;
    const auto connections = generator.Connections(cluster, pace.connections);
    SLUICE_ASSIGN_OR_RETURN(auto found, examiner_.Ask(level, replay, cluster, connections));
    if (found) return found;
  }
  if (spec_.scratch_every != 0 && event % spec_.scratch_every == 0) {
    ++scratch_checks_;
    const std::string differs =
        DifferenceFromScratch(replay.desired().flows().Flows(), history, spec_.tamper);
    if (!differs.empty()) return std::optional(Disagreement{kFromScratch, {}, {differs}});
  }
  return std::optional<Disagreement>();
}

Result<Failure> Campaign::Shrunk(uint64_t seed, const History& history, const Disagreement& about) {
  std::optional<Error> failed;
  const auto still = [&](const History& candidate) {
    if (failed) return false;
    const auto disagrees = examiner_.StillDisagrees(candidate, about, spec_.tamper);
    if (!disagrees.ok()) failed = disagrees.error();
    return disagrees.ok() && *disagrees;
  };
  Failure failure{seed, Shrink(history, still), about};
  if (failed) return *failed;
  SLUICE_ASSIGN_OR_RETURN(failure.disagreement,
                          examiner_.TellAgain(failure.history, about, spec_.tamper));
  return failure;
}

}  // namespace sluice::fuzz
