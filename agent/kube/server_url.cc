#include "agent/kube/server_url.h"

#include <charconv>

#include "ofctl/base/ip.h"

namespace sluice::kube {
namespace {

constexpr std::string_view kScheme = "https://";

Error NotAnUrl(std::string_view text, std::string_view why) {
  return Invalid("\"" + std::string(text) + "\" " + std::string(why));
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

bool IsHostName(std::string_view host) {
  for (const char c : host) {
    if (!IsHostCharacter(c)) return false;
  }
  return !host.empty();
}

// A character that could end the request line, or a header, that the prefix is written into.
bool IsPathCharacter(char c) { return c > ' ' && c < 0x7f && c != '?' && c != '#'; }

struct Authority {
  std::string_view host;
  std::string_view port;  // with its colon, or empty
};

// "[v6]:port", "name:port".
Authority SplitAuthority(std::string_view text) {
  if (!text.empty() && text.front() == '[') {
    const size_t close = text.find(']');
    if (close == std::string_view::npos) return {};
    return {text.substr(1, close - 1), text.substr(close + 1)};
  }
  const size_t colon = std::min(text.find(':'), text.size());
  return {text.substr(0, colon), text.substr(colon)};
}

}  // namespace

std::string ServerUrl::HostAndPort() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string ServerUrl::ToString() const { return std::string(kScheme) + HostAndPort() + base_path; }

Result<ServerUrl> ParseServerUrl(std::string_view text) {
  if (text.substr(0, kScheme.size()) != kScheme) return NotAnUrl(text, "does not begin https://");
  const std::string_view rest = text.substr(kScheme.size());
  const size_t slash = std::min(rest.find('/'), rest.size());
  const Authority authority = SplitAuthority(rest.substr(0, slash));
  ServerUrl url;
  const bool v6 = !rest.empty() && rest.front() == '[';
  if (v6 ? !ParseIp(authority.host).ok() : !IsHostName(authority.host)) {
    return NotAnUrl(text, "names no host");
  }
  url.host = authority.host;
  if (!authority.port.empty()) {
    const char* first = authority.port.data() + 1;
    const char* last = authority.port.data() + authority.port.size();
    const auto [end, error] = std::from_chars(first, last, url.port);
    if (authority.port.front() != ':' || error != std::errc() || end != last || url.port == 0) {
      return NotAnUrl(text, "has no port in 1..65535");
    }
  }
  std::string_view path = rest.substr(slash);
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  for (const char c : path) {
    if (!IsPathCharacter(c)) return NotAnUrl(text, "has a path that cannot be a prefix");
  }
  url.base_path = path;
  return url;
}

}  // namespace sluice::kube
