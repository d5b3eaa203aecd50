#include "cni/env.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

namespace sluice::cni {
namespace {

constexpr std::array<std::pair<Verb, std::string_view>, 6> kVerbs{{{Verb::kAdd, "ADD"},
                                                                   {Verb::kDel, "DEL"},
                                                                   {Verb::kCheck, "CHECK"},
                                                                   {Verb::kStatus, "STATUS"},
                                                                   {Verb::kGc, "GC"},
                                                                   {Verb::kVersion, "VERSION"}}};
constexpr size_t kIfnameSize = 16;  // IFNAMSIZ, with the terminating zero

bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

std::string Variable(const Environment& environment, std::string_view name) {
  const auto found = environment.find(name);
  return found == environment.end() ? "" : found->second;
}

// Absent and empty are the same: runtimes clear a variable by setting it to "".
Status CheckPresent(const Environment& environment, const std::vector<std::string_view>& required) {
  std::string missing;
  for (const std::string_view name : required) {
    if (!Variable(environment, name).empty()) continue;
    missing += missing.empty() ? "" : ", ";
    missing += name;
  }
  return missing.empty() ? Ok() : Invalid("required environment variables missing: " + missing);
}

std::vector<std::string_view> Required(Verb verb) {
  switch (verb) {
    case Verb::kAdd:
    case Verb::kCheck:
      return {"CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"};
    case Verb::kDel:
      return {"CNI_CONTAINERID", "CNI_IFNAME"};
    case Verb::kGc:
      return {"CNI_PATH"};
    case Verb::kStatus:
    case Verb::kVersion:
      break;
  }
  return {};
}

bool IsAboutAContainer(Verb verb) {
  return verb == Verb::kAdd || verb == Verb::kDel || verb == Verb::kCheck;
}

// The spellings of libcni's UnmarshallableBool.
Result<bool> ParseFlag(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return Invalid("CNI_ARGS: IgnoreUnknown is neither a 0 nor a 1: " + Quoted(value));
}

struct Argument {
  std::string key;
  std::string value;
};

Result<std::vector<Argument>> SplitArgs(std::string_view args) {
  std::vector<Argument> arguments;
  while (!args.empty()) {
    const size_t end = std::min(args.find(';'), args.size());
    const std::string_view pair = args.substr(0, end);
    args.remove_prefix(std::min(end + 1, args.size()));
    if (pair.empty()) continue;  // a trailing separator
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      return Invalid("CNI_ARGS: not KEY=VALUE: " + Quoted(pair));
    }
    arguments.push_back(
        {std::string(pair.substr(0, equals)), std::string(pair.substr(equals + 1))});
  }
  return arguments;
}

}  // namespace

std::string_view ToString(Verb verb) {
  const auto* const entry = std::find_if(kVerbs.begin(), kVerbs.end(),
                                         [&](const auto& known) { return known.first == verb; });
  return entry == kVerbs.end() ? "?" : entry->second;
}

Result<Verb> ParseVerb(std::string_view text) {
  for (const auto& [verb, name] : kVerbs) {
    if (name == text) return verb;
  }
  return Invalid("unknown CNI_COMMAND " + Quoted(text) +
                 " (known: ADD, DEL, CHECK, STATUS, GC, VERSION)");
}

Result<PodArgs> ParseArgs(std::string_view args) {
  SLUICE_ASSIGN_OR_RETURN(const std::vector<Argument> arguments, SplitArgs(args));
  PodArgs pod;
  bool ignore_unknown = false;
  std::string unknown;
  for (const auto& [key, value] : arguments) {
    if (key == "K8S_POD_NAMESPACE") {
      pod.ns = value;
    } else if (key == "K8S_POD_NAME") {
      pod.name = value;
    } else if (key == "K8S_POD_UID") {
      pod.uid = value;
    } else if (key == "IgnoreUnknown") {
      SLUICE_ASSIGN_OR_RETURN(ignore_unknown, ParseFlag(value));
    } else if (key != "K8S_POD_INFRA_CONTAINER_ID" && unknown.empty()) {
      unknown = key;
    }
  }
  if (!unknown.empty() && !ignore_unknown) {
    return Invalid("CNI_ARGS: unknown key " + Quoted(unknown) + ", and IgnoreUnknown is not set");
  }
  return pod;
}

Result<Env> ParseEnv(const Environment& environment) {
  SLUICE_RETURN_IF_ERROR(CheckPresent(environment, {"CNI_COMMAND"}));
  Env env;
  SLUICE_ASSIGN_OR_RETURN(env.verb, ParseVerb(Variable(environment, "CNI_COMMAND")));
  SLUICE_RETURN_IF_ERROR(CheckPresent(environment, Required(env.verb)));
  env.path = Variable(environment, "CNI_PATH");
  if (!IsAboutAContainer(env.verb)) return env;

  env.container_id = Variable(environment, "CNI_CONTAINERID");
  env.ifname = Variable(environment, "CNI_IFNAME");
  env.netns = Variable(environment, "CNI_NETNS");
  if (const Status id = CheckContainerId(env.container_id); !id.ok()) {
    return id.error().Context("CNI_CONTAINERID");
  }
  if (const Status ifname = CheckIfname(env.ifname); !ifname.ok()) {
    return ifname.error().Context("CNI_IFNAME");
  }
  SLUICE_ASSIGN_OR_RETURN(env.pod, ParseArgs(Variable(environment, "CNI_ARGS")));
  return env;
}

Status CheckContainerId(std::string_view id) {
  const auto allowed = [](char c) { return IsAlphanumeric(c) || c == '_' || c == '.' || c == '-'; };
  if (id.empty()) return Invalid("empty container id");
  if (!IsAlphanumeric(id.front()) || !std::all_of(id.begin(), id.end(), allowed)) {
    return Invalid("not a container id: " + Quoted(id) +
                   " (expected a letter or digit, then letters, digits, '_', '.' or '-')");
  }
  return Ok();
}

Status CheckIfname(std::string_view ifname) {
  const auto refused = [](char c) {
    return c == '/' || c == ':' || c == '\0' || std::isspace(static_cast<unsigned char>(c)) != 0;
  };
  if (ifname.empty()) return Invalid("empty interface name");
  if (ifname.size() >= kIfnameSize) {
    return Invalid("interface name longer than 15 characters: " + Quoted(ifname));
  }
  if (ifname == "." || ifname == ".." || std::any_of(ifname.begin(), ifname.end(), refused)) {
    return Invalid("not an interface name: " + Quoted(ifname));
  }
  return Ok();
}

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 100;
  std::string quoted(text.substr(0, kLongest));
  std::replace_if(
      quoted.begin(), quoted.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return '"' + quoted + (text.size() > kLongest ? "...\"" : "\"");
}

}  // namespace sluice::cni
