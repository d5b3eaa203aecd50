// The terms of the CNI specification: versions, errors, results. Pure; result_json.h has their
// JSON.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

enum class SpecVersion : uint8_t { k031, k040, k100, k110 };

inline constexpr std::array<std::string_view, 4> kSupportedVersions{"0.3.1", "0.4.0", "1.0.0",
                                                                    "1.1.0"};

std::string_view ToString(SpecVersion version);
// Nothing for a version that is not supported.
std::optional<SpecVersion> ParseSpecVersion(std::string_view text);
// "0.3.1, 0.4.0, ...", for messages.
std::string SupportedVersionsText();

// Specification 1.1.0, section 5, "Error"; from 100 on they are Sluice's own.
enum class CniCode : uint32_t {
  kIncompatibleVersion = 1,
  kUnsupportedField = 2,
  kUnknownContainer = 3,
  kInvalidEnvironment = 4,
  kIoFailure = 5,
  kDecodeFailure = 6,
  kInvalidNetworkConfig = 7,
  kTryAgainLater = 11,
  kCannotAttach = 50,    // STATUS: ADD would fail
  kPodsCannotTalk = 51,  // STATUS: and those attached have no connectivity
  kAgentFailed = 100,    // the agent, or a step of it, said no
  kIpamFailed = 101,     // the IPAM plugin failed without a CNI error of its own
  kCheckFailed = 102,    // the attachment is not what CHECK expected
};

// A number rather than a CniCode: the error of an IPAM plugin is passed on as it is.
struct CniError {
  uint32_t code = 0;
  std::string msg;      // what failed, one line
  std::string details;  // why; may be empty

  friend bool operator==(const CniError&, const CniError&) = default;
};

CniError MakeError(CniCode code, std::string msg, std::string details = "");

// A value, or what to tell the runtime.
template <typename T>
using Answer = std::variant<T, CniError>;

struct Dns {
  std::vector<std::string> nameservers;
  std::string domain;
  std::vector<std::string> search;
  std::vector<std::string> options;

  friend bool operator==(const Dns&, const Dns&) = default;
};

struct Interface {
  std::string name;
  std::string mac;                   // empty: not told
  std::string sandbox;               // path of the network namespace; empty: on the host
  std::optional<uint32_t> mtu = {};  // bytes; told from 1.1.0 on

  friend bool operator==(const Interface&, const Interface&) = default;
};

struct IpConfig {
  std::optional<uint32_t> interface;  // index into interfaces; an IPAM plugin gives none
  IpAddress address;
  uint8_t prefix_length = 0;
  std::optional<IpAddress> gateway;

  friend bool operator==(const IpConfig&, const IpConfig&) = default;
};

struct Route {
  Cidr destination;
  std::optional<IpAddress> gateway;
  // The first of mtu, advmss, priority, table and scope (1.1.0) that is given: Sluice makes no such
  // routes, and tells of none.
  std::string attribute = {};

  friend bool operator==(const Route&, const Route&) = default;
};

// The result of ADD; of an IPAM plugin too, which leaves the interfaces out.
struct AddResult {
  std::vector<Interface> interfaces;
  std::vector<IpConfig> ips;
  std::vector<Route> routes;
  Dns dns;

  friend bool operator==(const AddResult&, const AddResult&) = default;
};

}  // namespace sluice::cni
