#include "agent/ctl/why.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "agent/ctl/answer.h"
#include "agent/ctl/client.h"
#include "agent/ctl/switch_control.h"
#include "agent/ctl/text.h"
#include "agent/ctl/trace_answer.h"
#include "agent/ctl/why_offline.h"
#include "agent/ctl/why_text.h"
#include "agent/unixctl/control_socket.h"

namespace sluice::ctl {
namespace {

using rapidjson::Document;
using rapidjson::Value;

// So often does the cluster change between the agent's word and the switch's before we give up.
constexpr int kMostTries = 5;

std::string WhyRequest(const explain::QuestionText& question) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
  out.StartObject();
  out.Key("method");
  out.String("why");
  out.Key("source");
  out.String(question.source.c_str());
  out.Key("target");
  out.String(question.target.c_str());
  out.EndObject();
  return buffer.GetString();
}

unixctl::Call CallOf(const Value& call) {
  unixctl::Call control{call["method"].GetString(), {}};
  for (const Value& each : call["parameters"].GetArray()) {
    control.parameters.emplace_back(each.GetString());
  }
  return control;
}

Result<SwitchVerdict> AskSwitch(const Value& trace) {
  SLUICE_ASSIGN_OR_RETURN(const std::string socket,
                          unixctl::FindControlSocket(trace["rundir"].GetString()));
  const auto ask = [&](const char* name) -> Result<TraceAnswer> {
    SLUICE_ASSIGN_OR_RETURN(const std::string reply, CallSwitch(socket, CallOf(trace[name])));
    return ReadTrace(reply);
  };
  TraceAnswers answers;
  SLUICE_ASSIGN_OR_RETURN(answers.from_port, ask("fromPort"));
  SLUICE_ASSIGN_OR_RETURN(answers.first_packet, ask("firstPacket"));
  SLUICE_ASSIGN_OR_RETURN(answers.later_packet, ask("laterPacket"));
  return VerdictOf(answers, trace["output"].GetString());
}

// Puts the switch's word in the place of what to ask it.
void CompareWithSwitch(Document& answer) {
  for (Value& path : answer["paths"].GetArray()) {
    if (!path.HasMember("trace")) continue;
    const Result<SwitchVerdict> said = AskSwitch(path["trace"]);
    const SwitchVerdict verdict =
        said.ok() ? *said : SwitchVerdict{"unknown", "not asked: " + said.error().message()};
    const std::string here = VerdictHere(path);
    Value agrees;  // null: nothing to compare
    if (said.ok() && here != "unknown") agrees.SetBool(verdict.verdict == here);
    auto& allocator = answer.GetAllocator();
    Value of_switch(rapidjson::kObjectType);
    of_switch.AddMember("verdict", Value(verdict.verdict.c_str(), allocator), allocator);
    of_switch.AddMember("agrees", agrees, allocator);
    of_switch.AddMember("words", Value(verdict.words.c_str(), allocator), allocator);
    path.RemoveMember("trace");
    path.AddMember("switch", of_switch, allocator);
  }
}

Result<Document> AskAgent(const Request& request) {
  SLUICE_ASSIGN_OR_RETURN(const std::string text,
                          Ask({request.socket, WhyRequest(request.question)}));
  return ReadAnswer(text);
}

// The agent's word and the switch's about the same revision.
Result<Document> AskBoth(const Request& request) {
  SLUICE_ASSIGN_OR_RETURN(Document answer, AskAgent(request));
  for (int tries = 1;; ++tries) {
    CompareWithSwitch(answer);
    SLUICE_ASSIGN_OR_RETURN(Document again, AskAgent(request));
    const bool steady = again["inSync"].IsTrue() && answer["inSync"].IsTrue() &&
                        again["revision"] == answer["revision"];
    if (steady || tries == kMostTries) {
      answer["inSync"].SetBool(steady);
      return answer;
    }
    answer = std::move(again);
  }
}

Result<Document> AskManifests(const Request& request) {
  SLUICE_ASSIGN_OR_RETURN(const std::string text,
                          ExplainOffline({request.manifests, request.question, request.pod_cidrs}));
  Document answer;
  answer.Parse(text.c_str());
  return answer;
}

}  // namespace

Result<int> RunWhy(const Request& request, std::ostream& out) {
  SLUICE_ASSIGN_OR_RETURN(const Document answer,
                          request.manifests.empty() ? AskBoth(request) : AskManifests(request));
  out << (request.output == Output::kJson ? ToJson(answer) + "\n" : WhyText(answer));
  return WhyExitCode(answer);
}

}  // namespace sluice::ctl
