#include "agent/status/why_json.h"

namespace sluice::status {
namespace {

using explain::DirectionExplanation;
using explain::Match;
using explain::PathExplanation;

void Put(JsonWriter& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Put(JsonWriter& out, const char* key, std::string_view text) {
  out.Key(key);
  Put(out, text);
}

void PutAll(JsonWriter& out, const char* key, const std::vector<std::string>& texts) {
  out.Key(key);
  out.StartArray();
  for (const std::string& text : texts) Put(out, text);
  out.EndArray();
}

std::string_view MatchName(Match match) {
  return match == Match::kYes ? "yes" : match == Match::kNo ? "no" : "unknown";
}

void WriteRule(JsonWriter& out, const explain::RuleFinding& rule) {
  out.StartObject();
  out.Key("index");
  out.Uint64(rule.index);
  Put(out, "matches", MatchName(rule.match));
  Put(out, "peers", MatchName(rule.peers));
  Put(out, "ports", MatchName(rule.ports));
  PutAll(out, "words", rule.words);
  out.EndObject();
}

void WriteDirection(JsonWriter& out, const char* key, const DirectionExplanation& of) {
  out.Key(key);
  out.StartObject();
  Put(out, "verdict", explain::ToString(of.outcome));
  Put(out, "judgedBy", explain::ToString(of.judged_by));
  out.Key("isolated");
  out.Bool(of.isolated);
  Put(out, "reason", of.words);
  out.Key("policies");
  out.StartArray();
  for (const explain::PolicyFinding& policy : of.policies) {
    out.StartObject();
    Put(out, "policy", policy.policy.ToString());
    out.Key("rules");
    out.StartArray();
    for (const explain::RuleFinding& rule : policy.rules) WriteRule(out, rule);
    out.EndArray();
    out.EndObject();
  }
  out.EndArray();
  PutAll(out, "decidedBy", explain::RulesWith(of, Match::kYes));
  out.EndObject();
}

void WritePath(JsonWriter& out, const PathExplanation& path, const WritePathMembers& more) {
  out.StartObject();
  Put(out, "source", path.source);
  Put(out, "destination", path.destination);
  if (path.source_address) Put(out, "sourceAddress", path.source_address->ToString());
  if (path.destination_address) {
    Put(out, "destinationAddress", path.destination_address->ToString());
  }
  out.Key("port");
  out.Uint(path.port);
  Put(out, "verdict", explain::ToString(path.outcome));
  WriteDirection(out, "egress", path.egress);
  WriteDirection(out, "ingress", path.ingress);
  PutAll(out, "notes", path.notes);
  if (more) more(out, path);
  out.EndObject();
}

}  // namespace

void WriteExplanation(JsonWriter& out, const explain::Explanation& explanation,
                      const WritePathMembers& more) {
  Put(out, "verdict", explain::ToString(explanation.outcome));
  Put(out, "protocol", store::ToString(explanation.protocol));
  PutAll(out, "notes", explanation.notes);
  out.Key("paths");
  out.StartArray();
  for (const PathExplanation& path : explanation.paths) WritePath(out, path, more);
  out.EndArray();
}

}  // namespace sluice::status
