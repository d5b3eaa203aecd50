#include "agent/ctl/answer.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::ctl {

using rapidjson::Document;

Result<Document> ReadAnswer(const std::string& line) {
  Document document;
  document.Parse(line.c_str());
  if (document.HasParseError() || !document.IsObject()) {
    return Internal("the agent's answer is not JSON");
  }
  if (const auto error = document.FindMember("error");
      error != document.MemberEnd() && error->value.IsString()) {
    return Refused(error->value.GetString());
  }
  const auto result = document.FindMember("result");
  if (result == document.MemberEnd()) return Internal("the agent's answer has no result");
  Document answer;
  answer.CopyFrom(result->value, answer.GetAllocator());
  return answer;
}

std::string ToJson(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return buffer.GetString();
}

}  // namespace sluice::ctl
