// JsonFramer: cuts a byte stream into JSON objects. JSON-RPC over a stream has no length prefix
// (RFC 7047, 4): a message ends where its outermost brace closes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ofctl/base/result.h"

namespace sluice::ovsdb {

class JsonFramer {
 public:
  // A snapshot of a database with 10,000 ports is about 8 MB.
  static constexpr size_t kDefaultMaxBytes = size_t{64} << 20;
  // OVSDB's own messages need 12; parsers and writers recurse per level.
  static constexpr size_t kMaxDepth = 64;

  explicit JsonFramer(size_t max_bytes = kDefaultMaxBytes) : max_bytes_(max_bytes) {}

  // Takes the next bytes, returns the objects that are complete now. What is between the braces is
  // not checked; the parser does that. Invalid if a message is not an object, is longer than
  // max_bytes or nested deeper than kMaxDepth: the stream cannot be used any more.
  Result<std::vector<std::string>> Feed(std::string_view bytes);

 private:
  enum class Place { kOutside, kInside, kString, kEscape };

  // Follows one byte; true if it closed the object.
  Result<bool> Step(char byte);

  size_t max_bytes_;
  std::string text_;  // of the object that is not complete yet
  Place place_ = Place::kOutside;
  size_t depth_ = 0;
};

}  // namespace sluice::ovsdb
