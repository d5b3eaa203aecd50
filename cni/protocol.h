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

inline constexpr uint32_t kProtocolVersion = 3;
// Bytes of JSON: a GC names every attachment of the node, some 100 bytes each.
inline constexpr uint32_t kLargestFrame = 1024 * 1024;
using FrameHeader = std::array<uint8_t, 4>;

struct Request {
  Verb verb = Verb::kAdd;    // never kVersion
  std::string network;       // name of the network configuration; empty for STATUS
  std::string container_id;  // this and what follows: not for STATUS and GC
  std::string ifname;
  std::string netns;  // may be empty for DEL
  PodArgs pod;        // may be empty for DEL
  std::vector<IpAddress> ips;
  // Every gateway that IPAM named, for an address or for a route.
  std::vector<IpAddress> gateways;
  uint32_t mtu = 1500;
  // GC: what the network still has; all else of it is to go.
  std::vector<AttachmentKey> valid_attachments;
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

// Why ADD would fail now (STATUS), and for whom else that matters.
struct NotReady {
  enum class Concerns : uint8_t { kNewPods, kAllPods };
  Concerns concerns = Concerns::kNewPods;
  std::string why;

  friend bool operator==(const NotReady&, const NotReady&) = default;
};

// What GC did.
struct Collected {
  std::vector<AttachmentKey> removed;
  std::string left;  // what could not be removed, and why; empty if nothing

  friend bool operator==(const Collected&, const Collected&) = default;
};

// An answer that is no error: nothing more for DEL and CHECK, and for STATUS when all is well.
struct Success {
  std::optional<Attached> attached = {};    // ADD
  std::optional<NotReady> not_ready = {};   // STATUS
  std::optional<Collected> collected = {};  // GC

  friend bool operator==(const Success&, const Success&) = default;
};
using Response = Result<Success>;

// As the protocol has it: "not-found".
std::string_view NameOf(ErrorCode code);

std::string EncodeRequest(const Request& request);
std::string EncodeResponse(const Response& response);

// Invalid, naming the member. A decoded request is complete: what its verb needs is there and
// well-formed. Unsupported for another version of the protocol.
Result<Request> DecodeRequest(std::string_view json);
// The outer error: this is no response.
Result<Response> DecodeResponse(std::string_view json);

// `json` with its header.
std::string Frame(std::string_view json);
// The length that follows. Invalid for an empty frame, or one over kLargestFrame.
Result<uint32_t> FrameLength(const FrameHeader& header);

}  // namespace sluice::cni
