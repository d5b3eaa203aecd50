#include "agent/ctl/text.h"

#include <cinttypes>
#include <cstdio>

namespace sluice::ctl {
namespace {

using rapidjson::Value;

std::string Text(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  if (member == object.MemberEnd()) return "";
  const Value& value = member->value;
  if (value.IsString()) return value.GetString();
  if (value.IsUint64()) return std::to_string(value.GetUint64());
  if (value.IsBool()) return value.GetBool() ? "yes" : "no";
  return "-";
}

// The members of an array of strings, each after `before`.
std::string Lines(const Value& object, const char* name, const std::string& before) {
  std::string lines;
  for (const Value& line : object[name].GetArray()) {
    lines += before + line.GetString();
  }
  return lines;
}

std::string Padded(std::string text, size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

std::string Hex(const Value& object, const char* name) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%" PRIx64, object[name].GetUint64());
  return text;
}

std::string WatchesText(const Value& watches) {
  std::string text;
  for (const Value& watch : watches.GetArray()) {
    text += "            " + Text(watch, "resource") + ": " + Text(watch, "state");
    if (!Text(watch, "trouble").empty()) text += ", " + Text(watch, "trouble");
    text += "\n";
  }
  return text;
}

std::string StatusText(const Value& status) {
  const Value& counters = status["counters"];
  std::string text = "in sync:    " + Text(status, "inSync") + "\n";
  text += "switch:     " + Text(status, "switch") + " (" + Text(status, "bridge") + ")";
  if (Text(status, "inSync") == "no" && !Text(status, "lastError").empty()) {
    text += ", last error: " + Text(status, "lastError");
  }
  text += "\n";
  for (const Value& source : status["sources"].GetArray()) {
    text += "source:     " + Text(source, "name") + ", synced: " + Text(source, "synced") + "\n";
    text += WatchesText(source["watches"]);
  }
  text += "objects:    " + Text(status, "namespaces") + " namespaces, " + Text(status, "pods") +
          " pods on the network, " + Text(status, "policies") + " policies\n";
  text += "here:       " + Text(status, "endpoints") + " endpoints, " +
          Text(status, "ingressRules") + " ingress and " + Text(status, "egressRules") +
          " egress rules, " + Text(status, "flows") + " flows\n";
  text += "written:    " + Text(counters, "commits") + " bundles, " + Text(counters, "flowMods") +
          " flow-mods, " + Text(counters, "commitFailures") + " failures, " +
          Text(counters, "foreignChanges") + " foreign changes put back\n";
  for (const Value& line : status["complaints"].GetArray()) {
    text += std::string("complaint:  ") + line.GetString() + "\n";
  }
  return text;
}

std::string EndpointsText(const Value& endpoints) {
  std::string text;
  for (const Value& endpoint : endpoints.GetArray()) {
    text += Padded(Text(endpoint, "pod"), 32) + " " + Padded(Lines(endpoint, "ips", " "), 17) +
            " " + Padded(Text(endpoint, "ifname"), 16) + " ofport " +
            Padded(Text(endpoint, "ofport"), 5) + " " + Text(endpoint, "gate") + "\n";
  }
  return text;
}

std::string ClassesText(const Value& classes) {
  std::string text;
  for (const Value& each : classes.GetArray()) {
    const bool source = Text(each, "side") == "source";
    text += std::string(source ? "reg5=" : "reg6=") + Hex(each, "class") + " (" +
            Text(each, "side") + ")\n  addresses: " + Lines(each, "addresses", " ") + "\n" +
            Lines(each, "predicates", "\n  holds: ").erase(0, 1);
    if (!each["predicates"].Empty()) text += "\n";
  }
  return text;
}

std::string RulesText(const Value& rules) {
  std::string text;
  for (const Value& rule : rules.GetArray()) {
    text += Padded(Text(rule, "direction"), 8) + "conj_id=" + Text(rule, "id") + "  " +
            Text(rule, "rule") + "\n  from:" + Lines(rule, "origins", " ") + "\n";
  }
  return text;
}

std::string VerdictsText(const Value& verdicts) {
  std::string text;
  for (const Value& verdict : verdicts.GetArray()) {
    if (verdict.HasMember("unknown")) {
      text += "unknown " + Text(verdict, "unknown") + "\n";
    } else {
      text += Text(verdict, "allowed") == "yes" ? "allowed\n" : "denied\n";
    }
  }
  return text;
}

struct Command {
  std::string_view name;
  TextForm form;
};
constexpr Command kCommands[] = {{"status", StatusText},
                                 {"endpoints", EndpointsText},
                                 {"classes", ClassesText},
                                 {"rules", RulesText},
                                 {"verdicts", VerdictsText}};

}  // namespace

TextForm TextFormOf(std::string_view command) {
  for (const Command& each : kCommands) {
    if (each.name == command) return each.form;
  }
  return nullptr;
}

}  // namespace sluice::ctl
