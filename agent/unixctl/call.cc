#include "agent/unixctl/call.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::unixctl {
namespace {

Result<std::string> ResultOf(const rapidjson::Document& reply, const std::string& method) {
  const auto error = reply.FindMember("error");
  if (error != reply.MemberEnd() && error->value.IsString()) {
    return Refused(method + ": " + error->value.GetString());
  }
  const auto result = reply.FindMember("result");
  if (result == reply.MemberEnd() || !result->value.IsString()) {
    return Invalid(method + ": an answer without a result");
  }
  return std::string(result->value.GetString(), result->value.GetStringLength());
}

}  // namespace

std::string RequestText(const Call& call) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  writer.StartObject();
  writer.Key("id");
  writer.Uint(0);
  writer.Key("method");
  writer.String(call.method.c_str());
  writer.Key("params");
  writer.StartArray();
  for (const std::string& parameter : call.parameters) writer.String(parameter.c_str());
  writer.EndArray();
  writer.EndObject();
  return text.GetString();
}

// A reply has no length and no line end: it is whole when it parses.
std::optional<Result<std::string>> ReplyReader::Take(std::string_view bytes) {
  text_ += bytes;
  if (text_.size() > kMaxBytes) return Invalid(method_ + ": an answer without an end");
  if (text_.empty() || text_.back() != '}') return std::nullopt;
  rapidjson::Document reply;
  reply.Parse<rapidjson::kParseIterativeFlag>(text_.data(), text_.size());
  if (reply.HasParseError() || !reply.IsObject()) return std::nullopt;
  return ResultOf(reply, method_);
}

}  // namespace sluice::unixctl
