// The project's own case files, as text.
#pragma once

#include <fstream>
#include <sstream>
#include <string>

namespace sluice::conformance {

inline std::string TestData(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream(std::string(CONFORMANCE_DATA) + "/" + name).rdbuf();
  return text.str();
}

// `text` with the first `from` replaced; the text as it is if there is none.
inline std::string With(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace sluice::conformance
