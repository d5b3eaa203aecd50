#include "tests/fuzz/examiner.h"

namespace sluice::fuzz {
namespace {

Question QuestionOf(const oracle::Oracle& oracle, const oracle::Connection& connection) {
  Question question{connection, oracle.Judge(connection), {}};
  question.journey = PlanJourney(oracle, connection, question.expected.allowed());
  return question;
}

std::string ToString(const Question& question) {
  std::string text = fuzz::ToString(question.expected);
  if (!question.journey) return text;
  const std::vector<uint32_t>& exits = question.journey->request.exits;
  if (exits.empty()) return text + "; to be dropped";
  return text + "; to leave by port " + std::to_string(exits.front());
}

}  // namespace

Result<std::optional<Disagreement>> Examiner::Ask(
    size_t level, Replay& replay, const oracle::Cluster& cluster,
    const std::vector<oracle::Connection>& connections) {
  const oracle::Oracle oracle(cluster);
  std::vector<Question> questions;
  for (const oracle::Connection& connection : connections) {
    questions.push_back(QuestionOf(oracle, connection));
  }
  SLUICE_ASSIGN_OR_RETURN(const auto answers, levels_[level]->Ask(replay, questions));
  for (size_t i = 0; i < questions.size(); ++i) {
    if (!answers[i].asked) continue;
    ++verdicts_[level];
    const oracle::Verdict& expected = questions[i].expected;
    if (expected.egress.isolated || expected.ingress.isolated) {
      ++(expected.allowed() ? allowed_ : denied_);
    }
    if (answers[i].right) continue;
    SLUICE_ASSIGN_OR_RETURN(auto disagreement, AskAll(level, replay, questions[i]));
    return std::optional(std::move(disagreement));
  }
  return std::optional<Disagreement>();
}

Result<Disagreement> Examiner::AskAll(size_t level, Replay& replay, const Question& question) {
  Disagreement disagreement{levels_[level]->name(), question.connection, {}};
  disagreement.said.push_back("oracle: " + ToString(question));
  for (const auto& of : levels_) {
    SLUICE_ASSIGN_OR_RETURN(const auto answers, of->Ask(replay, {question}));
    disagreement.said.push_back(of->name() + ": " + answers.front().text);
  }
  return disagreement;
}

Result<std::optional<Disagreement>> Examiner::Rerun(const History& history,
                                                    const Disagreement& about,
                                                    const Tamper& tamper) {
  Replay replay(history, tamper);
  oracle::Cluster cluster;
  for (const Event& event : history.events) {
    if (const auto refused = replay.Apply(event)) {
      if (about.level != kDecode) return std::optional<Disagreement>();
      return std::optional(Disagreement{kDecode, {}, {*refused}});
    }
    Apply(event, cluster);
  }
  if (about.level == kFromScratch) {
    const std::string differs =
        DifferenceFromScratch(replay.desired().flows().Flows(), history, tamper);
    if (differs.empty()) return std::optional<Disagreement>();
    return std::optional(Disagreement{kFromScratch, {}, {differs}});
  }
  std::optional<Disagreement> found;
  for (size_t level = 0; level < levels_.size(); ++level) {
    if (levels_[level]->name() != about.level) continue;
    SLUICE_ASSIGN_OR_RETURN(found, Ask(level, replay, cluster, {*about.connection}));
  }
  for (const auto& level : levels_) level->Forget();
  return found;
}

Result<bool> Examiner::StillDisagrees(const History& history, const Disagreement& about,
                                      const Tamper& tamper) {
  SLUICE_ASSIGN_OR_RETURN(const auto found, Rerun(history, about, tamper));
  return found.has_value();
}

Result<Disagreement> Examiner::TellAgain(const History& history, const Disagreement& about,
                                         const Tamper& tamper) {
  SLUICE_ASSIGN_OR_RETURN(auto found, Rerun(history, about, tamper));
  return found ? std::move(*found) : about;
}

}  // namespace sluice::fuzz
