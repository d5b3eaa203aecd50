#include "tests/conformance/level.h"

namespace sluice::conformance {

policy::Connection ConnectionOf(const std::vector<End>& ends, const Service& service,
                                const Cell& cell) {
  return {.source = ends[cell.source].ip,
          .destination = ends[cell.destination].ip,
          .ip_protocol = static_cast<uint8_t>(service.protocol),
          .port = service.port};
}

Outcome OutcomeOf(const policy::Verdict& verdict, View view) {
  bool allowed = verdict.allowed();
  if (view == View::kIngress) allowed = verdict.ingress.allowed();
  if (view == View::kEgress) allowed = verdict.egress.allowed();
  return allowed ? Outcome::kAllowed : Outcome::kDenied;
}

Result<std::vector<Outcomes>> EngineLevel::Judge(Stage& stage, const std::vector<End>& ends,
                                                 const std::vector<Table>& tables) {
  const policy::PolicyEngine& engine = stage.desired().policy();
  std::vector<Outcomes> by_table;
  by_table.reserve(tables.size());
  for (const Table& table : tables) {
    Outcomes& outcomes = by_table.emplace_back();
    outcomes.reserve(table.cells.size());
    for (const Cell& cell : table.cells) {
      outcomes.push_back(
          OutcomeOf(engine.Judge(ConnectionOf(ends, table.service, cell)), table.view));
    }
  }
  return by_table;
}

}  // namespace sluice::conformance
