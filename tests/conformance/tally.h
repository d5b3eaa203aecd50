// Tally: what was judged, what was wrong, what was left out and why.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace sluice::conformance {

class Tally {
 public:
  // Wrong verdicts beyond these are only counted.
  static constexpr size_t kMaxLines = 50;

  void CountCase() { ++cases_; }
  void CountRight(uint64_t number = 1) { verdicts_ += number; }
  // `line` says where, what was expected and what came.
  void CountWrong(std::string line);
  void CountSkipped(const std::string& reason, uint64_t number);

  uint64_t wrong() const { return wrong_; }
  // A line a wrong verdict, then "N cases, N verdicts, N wrong, N skipped (why)".
  void Print(std::ostream& out) const;

 private:
  uint64_t cases_ = 0;
  uint64_t verdicts_ = 0;  // right and wrong ones
  uint64_t wrong_ = 0;
  std::vector<std::string> lines_;
  std::map<std::string, uint64_t> skipped_;  // by reason
};

}  // namespace sluice::conformance
