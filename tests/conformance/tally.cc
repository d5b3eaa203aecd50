#include "tests/conformance/tally.h"

namespace sluice::conformance {

void Tally::CountWrong(std::string line) {
  ++verdicts_;
  ++wrong_;
  if (lines_.size() < kMaxLines) lines_.push_back(std::move(line));
}

void Tally::CountSkipped(const std::string& reason, uint64_t number) {
  if (number > 0) skipped_[reason] += number;
}

void Tally::Print(std::ostream& out) const {
  for (const std::string& line : lines_) out << "wrong: " << line << "\n";
  if (wrong_ > lines_.size()) out << "wrong: " << wrong_ - lines_.size() << " more\n";
  uint64_t skipped = 0;
  std::string reasons;
  for (const auto& [reason, number] : skipped_) {
    skipped += number;
    reasons += (reasons.empty() ? "" : "; ") + reason + ": " + std::to_string(number);
  }
  out << cases_ << " cases, " << verdicts_ << " verdicts, " << wrong_ << " wrong, " << skipped
      << " skipped (" << (reasons.empty() ? "nothing left out" : reasons) << ")\n";
}

}  // namespace sluice::conformance
