#include "agent/ovsdb/json_framer.h"

#include <utility>

namespace sluice::ovsdb {

Result<std::vector<std::string>> JsonFramer::Feed(std::string_view bytes) {
  std::vector<std::string> complete;
  size_t start = 0;  // of the current object in `bytes`
  for (size_t i = 0; i < bytes.size(); ++i) {
    const bool was_outside = place_ == Place::kOutside;
    SLUICE_ASSIGN_OR_RETURN(const bool closed, Step(bytes[i]));
    if (was_outside) start = i;
    if (text_.size() + (i - start) >= max_bytes_) {
      return Invalid("JSON message longer than " + std::to_string(max_bytes_) + " bytes");
    }
    if (!closed) continue;
    text_.append(bytes.substr(start, i + 1 - start));
    complete.push_back(std::exchange(text_, {}));
  }
  if (place_ != Place::kOutside) text_.append(bytes.substr(start));
  return complete;
}

Result<bool> JsonFramer::Step(char byte) {
  switch (place_) {
    case Place::kOutside:
      if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') return false;
      if (byte != '{') return Invalid("JSON message does not start with a brace");
      place_ = Place::kInside;
      depth_ = 1;
      return false;
    case Place::kString:
      if (byte == '\\') place_ = Place::kEscape;
      if (byte == '"') place_ = Place::kInside;
      return false;
    case Place::kEscape:
      place_ = Place::kString;
      return false;
    case Place::kInside:
      if (byte == '"') place_ = Place::kString;
      if ((byte == '{' || byte == '[') && ++depth_ > kMaxDepth) {
        return Invalid("JSON message nested too deeply");
      }
      if ((byte == '}' || byte == ']') && --depth_ == 0) {
        place_ = Place::kOutside;
        return true;
      }
      return false;
  }
  return false;
}

}  // namespace sluice::ovsdb
