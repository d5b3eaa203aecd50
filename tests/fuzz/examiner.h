// Examiner: whether the oracle and the levels agree about a state.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/level.h"

namespace sluice::fuzz {

// What somebody said otherwise than the oracle.
struct Disagreement {
  std::string level;                             // "engine", "flows from scratch", "decode"
  std::optional<oracle::Connection> connection;  // about it; absent: about the whole state
  std::vector<std::string> said;                 // one a line, by everybody asked
};

class Examiner {
 public:
  explicit Examiner(std::vector<std::unique_ptr<Level>> levels) : levels_(std::move(levels)) {}

  size_t level_count() const { return levels_.size(); }
  std::string LevelName(size_t level) const { return levels_[level]->name(); }

  void Forget(size_t level) { levels_[level]->Forget(); }

  // Asks one level. The first disagreement, with what every level says of it.
  Result<std::optional<Disagreement>> Ask(size_t level, Replay& replay,
                                          const oracle::Cluster& cluster,
                                          const std::vector<oracle::Connection>& connections);

  // From nothing, whether this history still makes the same level disagree about the same thing.
  Result<bool> StillDisagrees(const History& history, const Disagreement& about,
                              const Tamper& tamper);
  // The same, told anew: what a shrunken history makes everybody say.
  Result<Disagreement> TellAgain(const History& history, const Disagreement& about,
                                 const Tamper& tamper);

  // Verdicts compared, by level.
  const std::vector<uint64_t>& verdicts() const { return verdicts_; }
  uint64_t allowed() const { return allowed_; }
  uint64_t denied() const { return denied_; }

 private:
  Result<std::optional<Disagreement>> Rerun(const History& history, const Disagreement& about,
                                            const Tamper& tamper);
  Result<Disagreement> AskAll(size_t level, Replay& replay, const Question& question);

  std::vector<std::unique_ptr<Level>> levels_;
  std::vector<uint64_t> verdicts_ = std::vector<uint64_t>(levels_.size());
  // Of isolated ends only: verdicts that a policy decided.
  uint64_t allowed_ = 0;
  uint64_t denied_ = 0;
};

inline constexpr char kDecode[] = "decode";
inline constexpr char kFromScratch[] = "flows from scratch";

}  // namespace sluice::fuzz
