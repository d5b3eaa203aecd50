// The JSON of the CNI specification: network configuration in, result or error out, each in the
// shape of the version that the configuration names. Pure.
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

enum class SpecVersion : uint8_t { k031, k040, k100 };

inline constexpr std::array<std::string_view, 3> kSupportedVersions{"0.3.1", "0.4.0", "1.0.0"};

std::string_view ToString(SpecVersion version);

// Specification 1.0.0, section 5, "Error"; from 100 on they are Sluice's own.
enum class CniCode : uint32_t {
  kIncompatibleVersion = 1,
  kUnsupportedField = 2,
  kUnknownContainer = 3,
  kInvalidEnvironment = 4,
  kIoFailure = 5,
  kDecodeFailure = 6,
  kInvalidNetworkConfig = 7,
  kTryAgainLater = 11,
  kAgentFailed = 100,  // the agent, or a step of it, said no
  kIpamFailed = 101,   // the IPAM plugin failed without a CNI error of its own
  kCheckFailed = 102,  // the attachment is not what CHECK expected
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
  std::string mac;      // empty: not told
  std::string sandbox;  // path of the network namespace; empty: on the host

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

struct NetConf {
  SpecVersion version = SpecVersion::k100;
  std::string name;
  std::string type;
  std::string ipam_type;  // empty: none given
  Dns dns;
  uint32_t mtu = 1500;  // bytes
  std::string agent_socket = "/run/sluice/cni.sock";
  std::optional<AddResult> previous;  // prevResult
};

// Keys that Sluice does not use are left alone (capabilities, runtimeConfig, args, ...). Code 6
// for text that is not JSON or has a wrong type, 1 for a version that is not supported, 7 for a
// value that cannot be.
Answer<NetConf> ParseNetConf(std::string_view text);

// The output of an IPAM plugin. Invalid, naming the member.
Result<AddResult> ParseAddResult(std::string_view text);
// The error an IPAM plugin printed. Invalid if it is none.
Result<CniError> ParseError(std::string_view text);

// cniVersion of a configuration that may be anything; "1.0.0" if there is none to be found.
std::string PeekVersion(std::string_view text);

// 0.3.1 and 0.4.0 say "version" in each of the ips, 1.0.0 does not.
std::string FormatResult(const AddResult& result, SpecVersion version);
std::string FormatError(const CniError& error, std::string_view version);
std::string FormatVersions(std::string_view version);

}  // namespace sluice::cni
