#include "tests/conformance/packets/agent_process.h"

#include <fcntl.h>
#include <rapidjson/document.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

#include "agent/ctl/client.h"

namespace sluice::conformance {
namespace {

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kPoll{1};
constexpr size_t kLastWords = 2000;  // bytes

[[noreturn]] void Become(const std::vector<char*>& arguments, const char* log, pid_t parent) {
  // Only async-signal-safe calls: the parent may have threads.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int output = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (null < 0 || output < 0) _exit(127);
  if (dup2(null, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0) _exit(127);
  execv(arguments[0], arguments.data());
  _exit(127);
}

// The answer's `result`, which must be there.
Result<rapidjson::Document> ParseAnswer(const std::string& text) {
  rapidjson::Document answer;
  answer.Parse(text.c_str(), text.size());
  if (answer.HasParseError() || !answer.IsObject() || !answer.HasMember("result")) {
    return Internal("the agent's answer has no result: " + text);
  }
  rapidjson::Document result;
  result.CopyFrom(answer["result"], result.GetAllocator());
  return result;
}

uint64_t Number(const rapidjson::Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsUint64() ? found->value.GetUint64() : 0;
}

AgentProcess::Standing StandingOf(const rapidjson::Value& status) {
  AgentProcess::Standing standing;
  const auto in_sync = status.FindMember("inSync");
  standing.in_sync = in_sync != status.MemberEnd() && in_sync->value.IsTrue();
  standing.revision = Number(status, "revision");
  standing.counts = {.namespaces = Number(status, "namespaces"),
                     .pods = Number(status, "pods"),
                     .policies = Number(status, "policies"),
                     .endpoints = Number(status, "endpoints")};
  const auto complaints = status.FindMember("complaints");
  if (complaints == status.MemberEnd() || !complaints->value.IsArray()) return standing;
  for (const rapidjson::Value& line : complaints->value.GetArray()) {
    standing.complaints.emplace_back(line.GetString(), line.GetStringLength());
  }
  return standing;
}

}  // namespace

AgentProcess::~AgentProcess() {
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

Status AgentProcess::Start(Spec spec) {
  spec_ = std::move(spec);
  std::vector<char*> arguments = {spec_.program.data()};
  for (std::string& argument : spec_.arguments) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) return Unavailable(std::string("fork: ") + std::strerror(errno));
  if (pid_ == 0) Become(arguments, spec_.log.c_str(), parent);
  return Ok();
}

std::string AgentProcess::LastWords() const {
  std::ostringstream log;
  log << std::ifstream(spec_.log).rdbuf();
  std::string words = std::move(log).str();
  if (words.size() > kLastWords) words.erase(0, words.size() - kLastWords);
  return "its last words:\n" + words;
}

Result<std::string> AgentProcess::Query(const std::string& request) {
  if (waitpid(pid_, nullptr, WNOHANG) != 0) {
    pid_ = -1;
    return Unavailable("sluice-agent is gone; " + LastWords());
  }
  auto answer = ctl::Ask({.socket = spec_.status_socket, .json = request});
  if (!answer.ok()) return answer.error().Context("sluice-agent does not answer");
  return answer;
}

Result<AgentProcess::Standing> AgentProcess::Ask() {
  SLUICE_ASSIGN_OR_RETURN(const std::string text, Query(R"({"method": "status"})"));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document status, ParseAnswer(text));
  return StandingOf(status);
}

Result<bool> AgentProcess::Knows(const std::string& pod) {
  SLUICE_ASSIGN_OR_RETURN(
      const std::string text,
      Query(R"({"method": "verdicts", "queries": [{"source": ")" + pod + R"(", "destination": ")" +
            pod + R"(", "protocol": "tcp", "port": 1}]})"));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document verdicts, ParseAnswer(text));
  if (!verdicts.IsArray() || verdicts.Size() != 1) return Internal("no verdict: " + text);
  return verdicts[0].HasMember("allowed");
}

Result<AgentProcess::Standing> AgentProcess::AwaitSynced(const std::string& pod) {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  bool known = false;
  std::string last;
  while (std::chrono::steady_clock::now() < deadline) {
    const Result<bool> knows = known ? true : Knows(pod);
    // Its socket may not be there yet; its end is final.
    if (!knows.ok() && pid_ < 0) return knows.error();
    if (!knows.ok()) last = knows.error().message();
    known = knows.ok() && *knows;
    if (known) {
      SLUICE_ASSIGN_OR_RETURN(Standing standing, Ask());
      if (standing.in_sync) return standing;
      last = "not in sync with the switch";
    }
    std::this_thread::sleep_for(kPoll);
  }
  return Timeout("sluice-agent does not follow the manifests up to " + pod + ": " + last + "\n" +
                 LastWords());
}

Result<std::vector<std::string>> AgentProcess::ClosedPods() {
  SLUICE_ASSIGN_OR_RETURN(const std::string text, Query(R"({"method": "endpoints"})"));
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Document endpoints, ParseAnswer(text));
  std::vector<std::string> closed;
  for (const rapidjson::Value& endpoint : endpoints.GetArray()) {
    if (std::string_view(endpoint["gate"].GetString()) == "open") continue;
    closed.emplace_back(endpoint["pod"].GetString());
  }
  return closed;
}

}  // namespace sluice::conformance
