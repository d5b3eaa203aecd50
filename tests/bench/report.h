// Report: the rows of a run, as a table for people and as JSON for whatever compares runs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace sluice::bench {

struct Row {
  std::string name;  // "compile/many-namespaces/time"
  double value = 0;  // the median, if it was measured more than once
  std::string unit;
  double spread = 0;  // half the distance of the quartiles, in the row's unit; 0 for what is exact
  // A peer or a floor: what it is, and its figure in the row's unit.
  struct Against {
    std::string what;
    double value = 0;
  };
  std::optional<Against> against = std::nullopt;
  std::optional<double> goal = std::nullopt;
  enum class Sense { kAtMost, kAtLeast } sense = Sense::kAtMost;  // of the goal
  // The goal is for value/against, not for the value.
  enum class GoalOf { kValue, kRatio } goal_of = GoalOf::kValue;

  std::optional<double> ratio() const;
  std::optional<bool> reached() const;  // absent: there is no goal
};

class Report {
 public:
  // Prints the row at once: a run takes minutes.
  void Add(Row row);
  std::string Json() const;
  const std::vector<Row>& rows() const { return rows_; }

 private:
  std::vector<Row> rows_;
};

}  // namespace sluice::bench
