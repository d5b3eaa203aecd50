#include "tests/conformance/runner.h"

namespace sluice::conformance {
namespace {

std::string StepOf(const std::string& place, size_t step, std::string_view mode) {
  return place + ", step " + std::to_string(step + 1) + ", " + std::string(mode);
}

// The cells that the level can judge; the others are counted.
Table Covered(const Step& step, const Table& table, const Level& level, Tally& tally) {
  Table covered{table.service, table.view, {}, {}};
  for (const auto& [reason, number] : table.left_out) tally.CountSkipped(reason, number);
  for (const Cell& cell : table.cells) {
    const End& source = step.ends[cell.source];
    const End& destination = step.ends[cell.destination];
    const auto reason = level.WhyNot(source, destination);
    if (reason) {
      tally.CountSkipped(*reason, 1);
    } else {
      covered.cells.push_back(cell);
    }
  }
  return covered;
}

std::string Describe(const Step& step, const Table& table, const Cell& cell, Outcome got) {
  std::string text = table.service.ToString() + " " + std::string(ToString(table.view)) + ": " +
                     step.ends[cell.source].name + " -> " + step.ends[cell.destination].name +
                     ": expected " + (cell.expected == Expected::kAllowed ? "allowed" : "denied") +
                     ", got ";
  switch (got) {
    case Outcome::kAllowed:
      return text + "allowed";
    case Outcome::kDenied:
      return text + "denied";
    case Outcome::kLost:
      return text + "neither an answer nor a drop by a policy";
  }
  return text;
}

bool AsExpected(Outcome got, Expected expected) {
  return got == (expected == Expected::kAllowed ? Outcome::kAllowed : Outcome::kDenied);
}

}  // namespace

Status Runner::Run(const std::string& file, const std::vector<Case>& cases,
                   const std::vector<Mode>& modes) {
  for (const Case& of : cases) {
    tally_.CountCase();
    const std::string place = file + ": case " + of.id;
    for (const Mode mode : modes) {
      SLUICE_RETURN_IF_ERROR(mode == Mode::kJump ? Jump(of, place) : Replay(of, place));
    }
  }
  return Ok();
}

Status Runner::Jump(const Case& of, const std::string& place) {
  const PortPlan ports = PlanPorts(of);
  for (size_t i = 0; i < of.steps.size(); ++i) {
    Stage stage(ports);
    level_.Equip(stage);
    stage.Apply(of.steps[i].state.Events());
    const std::string here = StepOf(place, i, "jump");
    if (const Status followed = level_.Follow(stage); !followed.ok()) {
      return followed.error().Context(here);
    }
    SLUICE_RETURN_IF_ERROR(JudgeStep(stage, of.steps[i], here));
  }
  return Ok();
}

Status Runner::Replay(const Case& of, const std::string& place) {
  const PortPlan ports = PlanPorts(of);
  Stage living(ports);
  level_.Equip(living);
  living.Apply(of.before.Events());
  SLUICE_RETURN_IF_ERROR(level_.Follow(living));
  for (size_t i = 0; i < of.steps.size(); ++i) {
    const Step& step = of.steps[i];
    const std::string here = StepOf(place, i, "replay");
    for (const std::vector<store::StoreEvent>& action : step.actions) {
      living.Apply(action);
      if (const Status followed = level_.Follow(living); !followed.ok()) {
        return followed.error().Context(here);
      }
    }
    Stage fresh(ports);
    level_.Equip(fresh);
    fresh.Apply(step.state.Events());
    if (const std::string differs = Difference(living, fresh); !differs.empty()) {
      tally_.CountWrong(here + ": not the state that the step lists: " + differs);
    }
    SLUICE_RETURN_IF_ERROR(JudgeStep(living, step, here));
  }
  return Ok();
}

Status Runner::JudgeStep(Stage& stage, const Step& step, const std::string& place) {
  std::vector<Table> tables;
  for (const Table& table : step.tables) {
    if (level_.Judges(table.view)) tables.push_back(Covered(step, table, level_, tally_));
  }
  const auto outcomes = level_.Judge(stage, step.ends, tables);
  if (!outcomes.ok()) return outcomes.error().Context(place);
  for (size_t i = 0; i < tables.size(); ++i) Count(step, tables[i], (*outcomes)[i], place);
  const auto checks = level_.CheckPods(stage, step.ends);
  if (!checks.ok()) return checks.error().Context(place);
  for (const Check& check : *checks) {
    if (check.holds) {
      tally_.CountRight();
    } else {
      tally_.CountWrong(place + ": does not hold: " + check.statement);
    }
  }
  return Ok();
}

void Runner::Count(const Step& step, const Table& table, const Outcomes& outcomes,
                   const std::string& place) {
  for (size_t i = 0; i < table.cells.size(); ++i) {
    const Cell& cell = table.cells[i];
    if (AsExpected(outcomes[i], cell.expected)) {
      tally_.CountRight();
      continue;
    }
    tally_.CountWrong(place + ", " + Describe(step, table, cell, outcomes[i]));
  }
}

}  // namespace sluice::conformance
