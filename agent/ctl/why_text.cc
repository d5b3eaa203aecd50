#include "agent/ctl/why_text.h"

#include <utility>

namespace sluice::ctl {
namespace {

using rapidjson::Value;

std::string Text(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsString() ? member->value.GetString() : "";
}

bool IsFalse(const Value& object, const char* name) {
  const auto member = object.FindMember(name);
  return member != object.MemberEnd() && member->value.IsFalse();
}

bool EngineDisagrees(const Value& path) {
  const std::string engine = Text(path, "engine");
  const std::string here = VerdictHere(path);
  return !engine.empty() && here != "unknown" && engine != here;
}

bool SwitchDisagrees(const Value& path) {
  const auto of_switch = path.FindMember("switch");
  return of_switch != path.MemberEnd() && IsFalse(of_switch->value, "agrees");
}

bool HasComplaints(const Value& answer) {
  const auto complaints = answer.FindMember("complaints");
  return complaints != answer.MemberEnd() && !complaints->value.Empty();
}

// Of an allowed direction the rules that allow it, of any other all rules that might have.
std::string RulesText(const Value& of, const std::string& direction) {
  const bool allowed = Text(of, "verdict") == "allowed";
  std::string text;
  for (const Value& policy : of["policies"].GetArray()) {
    const std::string name = "    " + Text(policy, "policy") + " " + direction;
    if (policy["rules"].Empty() && !allowed) text += name + ": has no rules: it allows nothing\n";
    for (const Value& rule : policy["rules"].GetArray()) {
      if (allowed && Text(rule, "matches") != "yes") continue;
      text += name + "[" + std::to_string(rule["index"].GetUint64()) + "]:";
      const char* before = " ";
      for (const Value& words : rule["words"].GetArray()) {
        text += std::string(std::exchange(before, "      ")) + words.GetString() + "\n";
      }
    }
  }
  return text;
}

std::string DirectionText(const Value& path, const std::string& direction) {
  const Value& of = path[direction.c_str()];
  const std::string where =
      Text(of, "judgedBy") == "another node" ? " (judged on another node)" : "";
  return "  " + direction + ": " + Text(of, "verdict") + where + ": " + Text(of, "reason") + "\n" +
         RulesText(of, direction);
}

std::string SwitchText(const Value& path) {
  std::string text;
  if (EngineDisagrees(path)) {
    text += "  DISAGREEMENT: the agent's engine says " + Text(path, "engine") +
            ": please report this\n";
  }
  const auto of_switch = path.FindMember("switch");
  if (of_switch == path.MemberEnd()) return text;
  const std::string words = Text(of_switch->value, "words");
  if (SwitchDisagrees(path)) {
    return text + "  DISAGREEMENT: the switch says " + Text(of_switch->value, "verdict") + ": " +
           words + "\n";
  }
  const bool compared = of_switch->value["agrees"].IsTrue();
  return text + "  switch: " + (compared ? "agrees: " : "not compared: ") + words + "\n";
}

std::string PathText(const Value& path, const std::string& protocol) {
  std::string text = Text(path, "verdict") + ": " + Text(path, "source") + " -> " +
                     Text(path, "destination") + " port " +
                     std::to_string(path["port"].GetUint64()) + "/" + protocol + "\n";
  text += DirectionText(path, "egress") + DirectionText(path, "ingress") + SwitchText(path);
  for (const Value& note : path["notes"].GetArray()) {
    text += std::string("  note: ") + note.GetString() + "\n";
  }
  return text;
}

}  // namespace

std::string VerdictHere(const Value& path) {
  std::string verdict = "allowed";
  for (const char* direction : {"egress", "ingress"}) {
    const Value& of = path[direction];
    if (Text(of, "judgedBy") != "this node" || Text(of, "verdict") == "allowed") continue;
    if (verdict != "denied") verdict = Text(of, "verdict");
  }
  return verdict;
}

std::string WhyText(const Value& answer) {
  std::string text;
  for (const Value& path : answer["paths"].GetArray()) {
    text += PathText(path, Text(answer, "protocol"));
  }
  if (answer["paths"].Empty()) text += "cannot say:\n";
  for (const Value& note : answer["notes"].GetArray()) {
    text += std::string("  note: ") + note.GetString() + "\n";
  }
  if (IsFalse(answer, "inSync")) {
    text += "  NOT IN SYNC: the switch does not hold what the agent wants; see sluicectl status\n";
  }
  if (!HasComplaints(answer)) return text;
  for (const Value& complaint : answer["complaints"].GetArray()) {
    text += std::string("  ERROR in the manifests: ") + complaint.GetString() + "\n";
  }
  return text;
}

int WhyExitCode(const Value& answer) {
  constexpr int kCannotSay = 2;
  if (IsFalse(answer, "inSync") || HasComplaints(answer)) return kCannotSay;
  for (const Value& path : answer["paths"].GetArray()) {
    if (EngineDisagrees(path) || SwitchDisagrees(path)) return kCannotSay;
  }
  const std::string verdict = Text(answer, "verdict");
  return verdict == "allowed" ? 0 : verdict == "denied" ? 1 : kCannotSay;
}

}  // namespace sluice::ctl
