#include "agent/ctl/switch_control.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <unistd.h>

#include <fstream>

#include "agent/ctl/unix_socket.h"

namespace sluice::ctl {
namespace {

std::string RequestText(const ControlCall& call) {
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
Result<rapidjson::Document> ReceiveReply(UnixSocket& daemon) {
  std::string bytes;
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const std::string more, daemon.Receive());
    bytes += more;
    if (bytes.back() != '}') continue;
    rapidjson::Document reply;
    reply.Parse<rapidjson::kParseIterativeFlag>(bytes.data(), bytes.size());
    if (!reply.HasParseError() && reply.IsObject()) return reply;
  }
}

}  // namespace

Result<std::string> FindSwitchControl(const std::string& rundir) {
  std::string pid;
  std::ifstream(rundir + "/ovs-vswitchd.pid") >> pid;
  for (const std::string& name :
       {"ovs-vswitchd." + pid + ".ctl", std::string("ovs-vswitchd.ctl")}) {
    const std::string path = rundir + "/" + name;
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return NotFound("no control socket of ovs-vswitchd in " + rundir);
}

Result<std::string> CallSwitch(const ControlCall& call) {
  SLUICE_ASSIGN_OR_RETURN(UnixSocket daemon, UnixSocket::Connect(call.socket));
  SLUICE_RETURN_IF_ERROR(daemon.Send(RequestText(call)));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document reply, ReceiveReply(daemon));
  const auto error = reply.FindMember("error");
  if (error != reply.MemberEnd() && error->value.IsString()) {
    return Refused(call.method + ": " + error->value.GetString());
  }
  const auto result = reply.FindMember("result");
  if (result == reply.MemberEnd() || !result->value.IsString()) {
    return Invalid(call.method + ": an answer without a result");
  }
  return std::string(result->value.GetString(), result->value.GetStringLength());
}

}  // namespace sluice::ctl
