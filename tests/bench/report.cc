#include "tests/bench/report.h"

#include <cmath>
#include <cstdio>
#include <ctime>

namespace sluice::bench {
namespace {

// Four significant digits; counts in full.
std::string Number(double value) {
  char text[32];
  const bool whole = value == std::floor(value) && std::abs(value) < 1e9;
  std::snprintf(text, sizeof text, whole ? "%.0f" : "%.4g", value);
  return text;
}

std::string Quoted(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

// UTC.
std::string Today() {
  const time_t now = std::time(nullptr);
  char text[16];
  std::strftime(text, sizeof text, "%F", std::gmtime(&now));
  return text;
}

std::string GoalText(const Row& row) {
  if (!row.goal) return "";
  return (row.sense == Row::Sense::kAtMost ? "<= " : ">= ") + Number(*row.goal) +
         (row.goal_of == Row::GoalOf::kRatio ? " x" : "");
}

void Print(const Row& row) {
  const std::string spread = row.spread > 0 ? "+-" + Number(row.spread) : "";
  const std::string ratio = row.ratio() ? Number(*row.ratio()) + " x " + row.against->what : "";
  const char* reached = !row.reached() ? "" : *row.reached() ? "reached" : "MISSED";
  std::printf("%-46s %9s %-10s %-9s %-9s %-9s %s\n", row.name.c_str(), Number(row.value).c_str(),
              row.unit.c_str(), spread.c_str(), GoalText(row).c_str(), reached, ratio.c_str());
  std::fflush(stdout);
}

}  // namespace

std::optional<double> Row::ratio() const {
  if (!against || against->value <= 0) return std::nullopt;
  return value / against->value;
}

std::optional<bool> Row::reached() const {
  if (!goal) return std::nullopt;
  if (goal_of == GoalOf::kRatio && !ratio()) return false;
  const double figure = goal_of == GoalOf::kRatio ? *ratio() : value;
  return sense == Sense::kAtMost ? figure <= *goal : figure >= *goal;
}

void Report::Add(Row row) {
  if (rows_.empty()) {
    std::printf("%-46s %9s %-10s %-9s %-9s\n", "what", "median", "unit", "spread", "goal");
  }
  Print(row);
  rows_.push_back(std::move(row));
}

std::string Report::Json() const {
  std::string json = "{\"date\": " + Quoted(Today()) + ",\n \"rows\": [";
  const char* separator = "";
  for (const Row& row : rows_) {
    json += std::string(separator) + "\n ";
    separator = ",";
    json += "{\"name\": " + Quoted(row.name) + ", \"value\": " + Number(row.value) +
            ", \"unit\": " + Quoted(row.unit) + ", \"spread\": " + Number(row.spread);
    json += ", \"against\": " + (row.against ? Quoted(row.against->what) : "null");
    json += ", \"ratio\": " + (row.ratio() ? Number(*row.ratio()) : "null");
    json += ", \"goal\": " + (row.goal ? Quoted(GoalText(row)) : "null");
    json += ", \"reached\": ";
    json += !row.reached() ? "null" : *row.reached() ? "true" : "false";
    json += "}";
  }
  return json + "\n]}\n";
}

}  // namespace sluice::bench
