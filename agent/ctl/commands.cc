#include "agent/ctl/commands.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <sstream>

#include "agent/ctl/answer.h"
#include "agent/ctl/client.h"
#include "agent/ctl/text.h"
#include "agent/ctl/why.h"

namespace sluice::ctl {
namespace {

Result<std::string> VerdictsRequest(std::istream& in) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  out.Key("method");
  out.String("verdicts");
  out.Key("queries");
  out.StartArray();
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    std::istringstream words(line);
    std::string source;
    std::string destination;
    std::string protocol;
    int64_t port = 0;
    if (!(words >> source >> destination >> protocol >> port)) {
      return Invalid("line " + std::to_string(number) + ": \"" + line +
                     "\" is not SOURCE DESTINATION tcp|udp|sctp PORT");
    }
    out.StartObject();
    out.Key("source");
    out.String(source.c_str());
    out.Key("destination");
    out.String(destination.c_str());
    out.Key("protocol");
    out.String(protocol.c_str());
    out.Key("port");
    out.Int64(port);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  return std::string(buffer.GetString());
}

}  // namespace

Result<int> Run(const Request& request, std::istream& in, std::ostream& out) {
  if (request.command == "why") return RunWhy(request, out);
  const TextForm text = TextFormOf(request.command);
  if (text == nullptr) return Invalid("unknown command \"" + request.command + "\"; see --help");
  std::string question = "{\"method\": \"" + request.command + "\"}";
  if (request.command == "verdicts") {
    SLUICE_ASSIGN_OR_RETURN(question, VerdictsRequest(in));
  }
  SLUICE_ASSIGN_OR_RETURN(const std::string answer, Ask({request.socket, question}));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document result, ReadAnswer(answer));
  out << (request.output == Output::kJson ? ToJson(result) + "\n" : text(result));
  if (request.command != "status") return 0;
  const auto in_sync = result.FindMember("inSync");
  return in_sync != result.MemberEnd() && in_sync->value.IsTrue() ? 0 : 1;
}

}  // namespace sluice::ctl
