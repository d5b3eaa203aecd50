#include "agent/http/listen_address.h"

#include <charconv>

namespace sluice::http {

std::string ListenAddress::ToString() const {
  const std::string text = host.ToString();
  return (host.is_v4() ? text : "[" + text + "]") + ":" + std::to_string(port);
}

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const auto wrong = [text](std::string_view why) {
    return Invalid("\"" + std::string(text) + "\" is not HOST:PORT: " + std::string(why));
  };
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return wrong("there is no port");
  std::string_view host = text.substr(0, colon);
  const bool brackets = host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (brackets) host = host.substr(1, host.size() - 2);
  const auto ip = ParseIp(host);
  if (!ip.ok()) return wrong("the host is no address");
  if (ip->is_v4() == brackets) return wrong("brackets belong to an IPv6 address");
  const std::string_view port = text.substr(colon + 1);
  ListenAddress address{.host = *ip, .port = 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (error != std::errc() || end != port.data() + port.size() || address.port == 0) {
    return wrong("the port is not in 1..65535");
  }
  return address;
}

}  // namespace sluice::http
