#include "tests/oracle/reading_fields.h"

#include <arpa/inet.h>

#include <boost/json.hpp>

#include "tests/oracle/reading.h"

namespace sluice::oracle {
namespace {

namespace json = boost::json;

const json::value* Find(const json::object& of, const char* name) {
  const json::value* value = of.if_contains(name);
  return value == nullptr || value->is_null() ? nullptr : value;
}

// Decimal digits and nothing else; absent if it is more than `limit`.
std::optional<int> Decimal(const std::string& text, int limit) {
  if (text.empty()) return std::nullopt;
  int number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return std::nullopt;
    number = 10 * number + (digit - '0');
    if (number > limit) return std::nullopt;
  }
  return number;
}

std::optional<IpAddress> ReadV4(const std::string& text) {
  std::vector<std::string> octets(1);
  for (const char c : text) {
    if (c == '.') {
      octets.emplace_back();
    } else {
      octets.back() += c;
    }
  }
  if (octets.size() != 4) return std::nullopt;
  uint32_t address = 0;
  for (const std::string& octet : octets) {
    const auto number = Decimal(octet, 255);
    if (!number) return std::nullopt;
    address = 256 * address + static_cast<uint32_t>(*number);
  }
  return IpAddress::FromV4(address);
}

// Rule 58: `::ffff:a.b.c.d/n` in old objects.
bool IsMappedV4(const IpAddress& address) {
  const IpAddress::Bytes& bytes = address.bytes();
  for (size_t i = 0; i < 10; ++i) {
    if (bytes[i] != 0) return false;
  }
  return !address.is_v4() && bytes[10] == 0xff && bytes[11] == 0xff;
}

IpAddress LastFour(const IpAddress& address) {
  uint32_t v4 = 0;
  for (size_t i = 12; i < 16; ++i) v4 = 256 * v4 + address.bytes()[i];
  return IpAddress::FromV4(v4);
}

}  // namespace

const json::object* Object(const json::object& of, const char* name) {
  const json::value* value = Find(of, name);
  return value == nullptr ? nullptr : &value->as_object();
}

std::vector<const json::object*> Objects(const json::object& of, const char* name) {
  std::vector<const json::object*> objects;
  const json::value* list = Find(of, name);
  if (list == nullptr) return objects;
  for (const json::value& entry : list->as_array()) objects.push_back(&entry.as_object());
  return objects;
}

std::vector<std::string> Texts(const json::object& of, const char* name) {
  std::vector<std::string> texts;
  const json::value* list = Find(of, name);
  if (list == nullptr) return texts;
  for (const json::value& entry : list->as_array()) texts.emplace_back(entry.as_string());
  return texts;
}

std::optional<std::string> Text(const json::object& of, const char* name) {
  const json::value* value = Find(of, name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->as_string());
}

std::optional<int64_t> Number(const json::object& of, const char* name) {
  const json::value* value = Find(of, name);
  if (value == nullptr || !value->is_number()) return std::nullopt;
  return value->to_number<int64_t>();
}

bool IsTrue(const json::object& of, const char* name) {
  const json::value* value = Find(of, name);
  return value != nullptr && value->as_bool();
}

store::Labels Labels(const json::object& of, const char* name) {
  store::Labels labels;
  const json::object* written = Object(of, name);
  if (written == nullptr) return labels;
  for (const auto& [key, value] : *written) {
    labels[std::string(key)] = value.is_null() ? "" : std::string(value.as_string());
  }
  return labels;
}

bool IsPortName(const std::string& text) {
  if (text.empty() || text.size() > 15) return false;
  if (text.front() == '-' || text.back() == '-') return false;
  if (text.find("--") != std::string::npos) return false;
  bool letter = false;
  for (const char c : text) {
    const bool lower = 'a' <= c && c <= 'z';
    const bool digit = '0' <= c && c <= '9';
    if (!lower && !digit && c != '-') return false;
    letter = letter || lower;
  }
  return letter;
}

std::optional<IpAddress> ReadAddress(const std::string& text) {
  if (text.find(':') == std::string::npos) return ReadV4(text);
  IpAddress::Bytes bytes{};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  return IpAddress::FromV6(bytes);
}

std::optional<Cidr> ReadPrefix(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  const auto address = ReadAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = Decimal(text.substr(slash + 1), address->is_v4() ? 32 : 128);
  if (!length) return std::nullopt;
  if (!IsMappedV4(*address)) return Cidr::Of(*address, static_cast<uint8_t>(*length));
  // The 96 bits before the IPv4 address belong to no prefix of IPv4 addresses. With fewer of them
  // it is neither a prefix of IPv4 nor one that any IPv6 address in use has.
  if (*length < 96) return std::nullopt;
  return Cidr::Of(LastFour(*address), static_cast<uint8_t>(*length - 96));
}

}  // namespace sluice::oracle
