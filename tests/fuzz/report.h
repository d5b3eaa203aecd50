// A failure in words: YAML that somebody can read and the playground can run, the connection, and
// what everybody said.
#pragma once

#include <string>

#include "tests/fuzz/examiner.h"
#include "tests/fuzz/history.h"

namespace sluice::fuzz {

struct Failure {
  uint64_t seed = 0;
  History history;  // shrunk
  Disagreement disagreement;
};

// Multi-document YAML: comments, then what is there in the end. What was there before, and when
// something came and went, stands in comments if it matters.
std::string ToYaml(const Failure& failure);

// One manifest as a YAML document, block style, without a separator.
std::string ToYaml(const boost::json::object& manifest);

}  // namespace sluice::fuzz
