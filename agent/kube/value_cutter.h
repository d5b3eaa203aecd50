// ValueCutter: cuts one JSON value out of a byte stream that may be split anywhere. RapidJSON's
// reader pulls and cannot pause inside a token; this finds where a value ends, so that the reader
// gets whole values and no more than one of them is ever held.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::kube {

class ValueCutter {
 public:
  enum class Result : uint8_t {
    kMore,    // all bytes are taken, the value goes on
    kWhole,   // text() is the value; `bytes` begins right after it
    kNoValue  // a value cannot begin with this byte
  };

  // Of a longer value only the beginning is kept; it is still cut where it ends.
  explicit ValueCutter(size_t max_bytes) : max_bytes_(max_bytes) {}

  // Takes from the front of `bytes`. The first byte must be the value's, no blank. Only braces and
  // strings are looked at; whether the rest is JSON is for the parser to say. After kWhole the next
  // call begins the next value.
  Result Feed(std::string_view& bytes);

  // Valid until the next call of Feed, and while the bytes last fed exist: a value that came in one
  // piece is not copied.
  std::string_view text() const { return text_; }
  bool too_long() const { return too_long_; }

 private:
  enum class Kind : uint8_t { kNone, kContainer, kString, kScalar };

  bool Begin(char first);
  // How many of the bytes belong to the value; sets whole_ if it ends there.
  size_t Follow(std::string_view bytes);
  size_t FollowString(std::string_view bytes, size_t at);
  size_t FollowContainer(std::string_view bytes);
  void Keep(std::string_view bytes);

  size_t max_bytes_;
  Kind kind_ = Kind::kNone;
  size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool whole_ = false;
  bool too_long_ = false;
  std::string buffer_;  // what came before the bytes last fed
  std::string_view text_;
};

}  // namespace sluice::kube
