// The protocol between the plugin and the agent: one request and one response per connection, each
// a frame of 4 bytes length (big endian) and that many bytes of JSON. Pure; README.md describes it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cni/env.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

inline constexpr uint32_t kProtocolVersion = 2;
inline constexpr uint32_t kLargestFrame = 64 * 1024;  // bytes of JSON
using FrameHeader = std::array<uint8_t, 4>;

struct Request {
  Verb verb = Verb::kAdd;  // never kVersion
  std::string container_id;
  std::string ifname;
  std::string netns;  // may be empty for DEL
  PodArgs pod;        // may be empty for DEL
  std::vector<IpAddress> ips;
  // Every gateway that IPAM named, for an address or for a route.
  std::vector<IpAddress> gateways;
  uint32_t mtu = 1500;
  // How long the plugin will wait for the response.
  std::chrono::milliseconds deadline{0};

  friend bool operator==(const Request&, const Request&) = default;
};

// What ADD made.
struct Attached {
  std::string host_ifname;
  MacAddress mac;                   // of the pod's end
  std::vector<IpAddress> gateways;  // one for each family of the pod's addresses

  friend bool operator==(const Attached&, const Attached&) = default;
};

// Nothing but success for DEL and CHECK.
using Response = Result<std::optional<Attached>>;

std::string EncodeRequest(const Request& request);
std::string EncodeResponse(const Response& response);

// Invalid, naming the member. A decoded request is complete: container id, interface name and what
// its verb needs are there and well-formed. Unsupported for another version of the protocol.
Result<Request> DecodeRequest(std::string_view json);
// The outer error: this is no response.
Result<Response> DecodeResponse(std::string_view json);

// `json` with its header.
std::string Frame(std::string_view json);
// The length that follows. Invalid for an empty frame, or one over kLargestFrame.
Result<uint32_t> FrameLength(const FrameHeader& header);

}  // namespace sluice::cni
