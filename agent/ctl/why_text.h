// The answer to "why" for a person, and as an exit code. Pure.
#pragma once

#include <rapidjson/document.h>

#include <string>

namespace sluice::ctl {

// `answer`: agent/status/why_json.h.
std::string WhyText(const rapidjson::Value& answer);

// 0 allowed, 1 denied, 2 it cannot be said.
int WhyExitCode(const rapidjson::Value& answer);

// The verdict of the directions that are judged on this node: what the switch has to say as well.
std::string VerdictHere(const rapidjson::Value& path);

}  // namespace sluice::ctl
