// Where a server listens: "127.0.0.1:9560", "[::1]:9560", "0.0.0.0:9560".
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::http {

struct ListenAddress {
  IpAddress host;
  uint16_t port = 0;

  std::string ToString() const;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// HOST is an address, of IPv6 in brackets: a name could mean another one tomorrow. Port 1 to 65535.
Result<ListenAddress> ParseListenAddress(std::string_view text);

}  // namespace sluice::http
