// The JSON of what a plugin answers: results and errors, each in the shape of the version that the
// network configuration (net_conf.h) names. Pure.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

#include "cni/json.h"
#include "cni/types.h"
#include "ofctl/base/result.h"

namespace sluice::cni {

// The output of an IPAM plugin. Invalid, naming the member.
Result<AddResult> ParseAddResult(std::string_view text);
// The error an IPAM plugin printed. Invalid if it is none.
Result<CniError> ParseError(std::string_view text);

// Reads `value`, an object; `where` starts the names in error messages ("prevResult.").
Result<AddResult> ReadAddResult(const rapidjson::Value& value, std::string where);
// The member "dns" of `parent`, whose reader keeps the error.
Dns ReadDns(ObjectReader& parent);

// cniVersion of a configuration that may be anything; the newest if there is none to be found.
std::string PeekVersion(std::string_view text);

// Up to 0.4.0 each of the ips says its "version", from 1.1.0 on each interface its "mtu".
std::string FormatResult(const AddResult& result, SpecVersion version);
std::string FormatError(const CniError& error, std::string_view version);
std::string FormatVersions(std::string_view version);

}  // namespace sluice::cni
