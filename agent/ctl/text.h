// The agent's answers for a person to read.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>

namespace sluice::ctl {

using TextForm = std::string (*)(const rapidjson::Value& result);

// Null for a command that there is not.
TextForm TextFormOf(std::string_view command);

}  // namespace sluice::ctl
