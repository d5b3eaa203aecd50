// The agent's answers, taken out of their envelope.
#pragma once

#include <rapidjson/document.h>

#include <string>

#include "ofctl/base/result.h"

namespace sluice::ctl {

// The "result" of a line. Refused, with the agent's words, if it is an error.
Result<rapidjson::Document> ReadAnswer(const std::string& line);

std::string ToJson(const rapidjson::Value& value);

}  // namespace sluice::ctl
