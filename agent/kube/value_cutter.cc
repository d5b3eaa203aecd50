#include "agent/kube/value_cutter.h"

#include <algorithm>
#include <array>

namespace sluice::kube {
namespace {

// A buffer this large is given back after the object that needed it.
constexpr size_t kKeptCapacity = size_t{256} << 10;

bool EndsScalar(char c) {
  return c == ',' || c == '}' || c == ']' || c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

bool BeginsScalar(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f' || c == 'n';
}

constexpr std::array<bool, 256> OnlyThese(std::string_view characters) {
  std::array<bool, 256> table{};
  for (const char c : characters) table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto kStructural = OnlyThese("{}[]\"");
constexpr auto kStringSpecial = OnlyThese("\"\\");

size_t Find(const std::array<bool, 256>& wanted, std::string_view bytes, size_t at) {
  while (at < bytes.size() && !wanted[static_cast<unsigned char>(bytes[at])]) ++at;
  return at;
}

}  // namespace

ValueCutter::Result ValueCutter::Feed(std::string_view& bytes) {
  if (kind_ == Kind::kNone) {
    if (bytes.empty()) return Result::kMore;
    if (!Begin(bytes.front())) return Result::kNoValue;
  }
  const size_t taken = Follow(bytes);
  const std::string_view part = bytes.substr(0, taken);
  bytes.remove_prefix(taken);
  if (!whole_) {
    Keep(part);
    return Result::kMore;
  }
  if (buffer_.empty() && part.size() <= max_bytes_) {
    text_ = part;
  } else {
    Keep(part);
    text_ = buffer_;
  }
  kind_ = Kind::kNone;
  return Result::kWhole;
}

bool ValueCutter::Begin(char first) {
  if (buffer_.capacity() > kKeptCapacity) {
    std::string().swap(buffer_);
  } else {
    buffer_.clear();
  }
  text_ = {};
  depth_ = 0;
  in_string_ = escaped_ = whole_ = too_long_ = false;
  if (first == '{' || first == '[') {
    kind_ = Kind::kContainer;
  } else if (first == '"') {
    kind_ = Kind::kString;
  } else if (BeginsScalar(first)) {
    kind_ = Kind::kScalar;
  } else {
    return false;
  }
  return true;
}

size_t ValueCutter::Follow(std::string_view bytes) {
  if (kind_ == Kind::kContainer) return FollowContainer(bytes);
  if (kind_ == Kind::kScalar) {
    const auto end = std::find_if(bytes.begin(), bytes.end(), EndsScalar);
    whole_ = end != bytes.end();
    return static_cast<size_t>(end - bytes.begin());
  }
  size_t at = 0;
  if (!in_string_) {
    in_string_ = true;
    at = 1;
  }
  at = FollowString(bytes, at);
  whole_ = !in_string_;
  return at;
}

// From inside a string to right after its closing quote, or to the end of the bytes.
size_t ValueCutter::FollowString(std::string_view bytes, size_t at) {
  while (at < bytes.size()) {
    if (escaped_) {
      escaped_ = false;
      ++at;
      continue;
    }
    at = Find(kStringSpecial, bytes, at);
    if (at == bytes.size()) break;
    if (bytes[at++] == '"') {
      in_string_ = false;
      return at;
    }
    escaped_ = true;
  }
  return at;
}

size_t ValueCutter::FollowContainer(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (in_string_) {
      at = FollowString(bytes, at);
      continue;
    }
    at = Find(kStructural, bytes, at);
    if (at == bytes.size()) break;
    const char c = bytes[at++];
    if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (--depth_ == 0) {
      whole_ = true;
      break;
    }
  }
  return at;
}

void ValueCutter::Keep(std::string_view bytes) {
  const size_t room = max_bytes_ - std::min(max_bytes_, buffer_.size());
  if (bytes.size() > room) too_long_ = true;
  buffer_.append(bytes.substr(0, room));
}

}  // namespace sluice::kube
