#include "agent/status/queries.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "agent/pipeline/tables.h"
#include "agent/status/parties.h"

namespace sluice::status {
namespace {

using policy::Side;
using rapidjson::StringBuffer;
using reconcile::DesiredState;
using store::Direction;
using Writer = rapidjson::Writer<StringBuffer>;

void Put(Writer& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void Put(Writer& out, const char* key, std::string_view text) {
  out.Key(key);
  Put(out, text);
}

void Put(Writer& out, const char* key, uint64_t number) {
  out.Key(key);
  out.Uint64(number);
}

void WriteCounters(Writer& out, const reconcile::ReconcilerCounters& counters) {
  out.Key("counters");
  out.StartObject();
  Put(out, "commits", counters.commits);
  Put(out, "flowMods", counters.flow_mods);
  Put(out, "commitFailures", counters.commit_failures);
  Put(out, "foreignChanges", counters.foreign_changes);
  Put(out, "quarantines", counters.quarantines);
  out.EndObject();
}

void WriteComplaints(Writer& out, const AgentFacts& facts, const DesiredState& desired) {
  out.Key("complaints");
  out.StartArray();
  for (const std::string& line : facts.complaints) Put(out, line);
  for (const pipeline::OwnerId& owner : desired.quarantined()) {
    Put(out, "the switch refuses the flows of " + pipeline::ToString(owner) +
                 "; what depends on them stays closed");
  }
  out.EndArray();
}

void WriteSource(Writer& out, const AgentFacts::Source& source) {
  out.StartObject();
  Put(out, "name", source.name);
  out.Key("synced");
  out.Bool(source.synced);
  out.Key("watches");
  out.StartArray();
  for (const AgentFacts::Watch& watch : source.watches) {
    out.StartObject();
    Put(out, "resource", watch.resource);
    Put(out, "state", watch.state);
    out.Key("synced");
    out.Bool(watch.synced);
    Put(out, "trouble", watch.trouble);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
}

void WriteStatus(Writer& out, const DesiredState& desired,
                 const reconcile::FlowReconciler& reconciler, const AgentFacts& facts) {
  out.StartObject();
  out.Key("inSync");
  out.Bool(reconciler.idle());
  Put(out, "switch", reconcile::ToString(reconciler.state()));
  Put(out, "lastError", reconciler.last_error());
  Put(out, "bridge", facts.names.bridge);
  out.Key("sources");
  out.StartArray();
  WriteSource(out, facts.objects);
  WriteSource(out, facts.endpoints);
  out.EndArray();
  Put(out, "flows", desired.flows().size());
  Put(out, "revision", desired.flows().revision().value);
  Put(out, "endpoints", desired.store().endpoints().size());
  Put(out, "pods", desired.store().pod_count());
  Put(out, "namespaces", desired.store().namespaces().size());
  Put(out, "policies", desired.store().policy_count());
  for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
    Put(out, direction == Direction::kIngress ? "ingressRules" : "egressRules",
        desired.policy().rules(direction).size());
  }
  WriteCounters(out, reconciler.counters());
  WriteComplaints(out, facts, desired);
  out.EndObject();
}

void WriteEndpoints(Writer& out, const DesiredState& desired) {
  out.StartArray();
  for (const auto& [id, state] : desired.store().endpoints()) {
    out.StartObject();
    Put(out, "pod", state.endpoint.pod.ToString());
    out.Key("ips");
    out.StartArray();
    for (const IpAddress& ip : state.endpoint.ips) Put(out, ip.ToString());
    out.EndArray();
    Put(out, "ifname", state.endpoint.host_ifname);
    Put(out, "mac", state.endpoint.mac.ToString());
    out.Key("ofport");
    if (state.endpoint.ofport) {
      out.Uint(state.endpoint.ofport->value);
    } else {
      out.Null();
    }
    Put(out, "containerId", id.container_id);
    Put(out, "podIfname", id.ifname);
    Put(out, "gate", state.gate == store::Gate::kOpen ? "open" : "closed");
    out.EndObject();
  }
  out.EndArray();
}

void WriteClasses(Writer& out, const DesiredState& desired) {
  out.StartArray();
  for (const Side side : {Side::kSource, Side::kDestination}) {
    const policy::AddressClasses& classes = desired.policy().classes(side);
    std::map<policy::ClassId, std::vector<Cidr>> members;
    for (const auto& [prefix, id] : classes.Entries()) members[id].push_back(prefix);
    for (const auto& [id, prefixes] : members) {
      out.StartObject();
      Put(out, "side", side == Side::kSource ? "source" : "destination");
      Put(out, "class", id.value);
      out.Key("addresses");
      out.StartArray();
      for (const Cidr& prefix : prefixes) Put(out, prefix.ToString());
      out.EndArray();
      out.Key("predicates");
      out.StartArray();
      if (const policy::PredicateSet* holding = classes.PredicatesOfClass(id)) {
        for (const policy::PredicateId predicate : *holding) {
          Put(out, policy::ToString(classes.PredicateOf(predicate)));
        }
      }
      out.EndArray();
      out.EndObject();
    }
  }
  out.EndArray();
}

void WriteRules(Writer& out, const DesiredState& desired) {
  out.StartArray();
  for (const Direction direction : {Direction::kIngress, Direction::kEgress}) {
    const policy::RuleTable& rules = desired.policy().rules(direction);
    for (const policy::RuleId id : rules.Ids()) {
      out.StartObject();
      Put(out, "direction", store::ToString(direction));
      Put(out, "id", id.value);
      Put(out, "rule", desired.policy().WordsOf(direction, id));
      out.Key("origins");
      out.StartArray();
      for (const policy::RuleOrigin& origin : rules.OriginsOf(id)) Put(out, origin.ToString());
      out.EndArray();
      out.EndObject();
    }
  }
  out.EndArray();
}

void WriteDirection(Writer& out, const char* key, Direction direction,
                    const policy::DirectionVerdict& verdict, const DesiredState& desired) {
  out.Key(key);
  out.StartObject();
  out.Key("allowed");
  out.Bool(verdict.allowed());
  out.Key("isolated");
  out.Bool(verdict.isolated);
  if (verdict.rule) {
    Put(out, "rule", verdict.rule->value);
    const auto origins = desired.policy().rules(direction).OriginsOf(*verdict.rule);
    Put(out, "origin", origins.begin()->ToString());
  }
  out.EndObject();
}

std::string StringMember(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return "";
  const auto found = object.FindMember(name);
  if (found == object.MemberEnd() || !found->value.IsString()) return "";
  return {found->value.GetString(), found->value.GetStringLength()};
}

int64_t IntMember(const rapidjson::Value& object, const char* name) {
  if (!object.IsObject()) return 0;
  const auto found = object.FindMember(name);
  return found != object.MemberEnd() && found->value.IsInt64() ? found->value.GetInt64() : 0;
}

Result<policy::Verdict> JudgeQuery(const DesiredState& desired, const rapidjson::Value& query) {
  PartyPair pair;
  SLUICE_ASSIGN_OR_RETURN(pair.source, ParseParty(desired, StringMember(query, "source")));
  SLUICE_ASSIGN_OR_RETURN(pair.destination,
                          ParseParty(desired, StringMember(query, "destination")));
  SLUICE_ASSIGN_OR_RETURN(const Service service,
                          ParseService(StringMember(query, "protocol"), IntMember(query, "port")));
  return JudgeParties(desired, pair, service);
}

void WriteVerdicts(Writer& out, const DesiredState& desired, const rapidjson::Value& request) {
  out.StartArray();
  const auto queries = request.FindMember("queries");
  if (queries != request.MemberEnd() && queries->value.IsArray()) {
    for (const rapidjson::Value& query : queries->value.GetArray()) {
      out.StartObject();
      const Result<policy::Verdict> verdict = JudgeQuery(desired, query);
      if (verdict.ok()) {
        out.Key("allowed");
        out.Bool(verdict->allowed());
        WriteDirection(out, "egress", Direction::kEgress, verdict->egress, desired);
        WriteDirection(out, "ingress", Direction::kIngress, verdict->ingress, desired);
      } else {
        Put(out, "unknown", verdict.error().message());
      }
      out.EndObject();
    }
  }
  out.EndArray();
}

void WriteWhyAnswer(Writer& out, const DesiredState& desired,
                    const reconcile::FlowReconciler& reconciler, const SwitchNames& names,
                    const explain::Question& question) {
  out.StartObject();
  WriteWhy(out, desired, names, question);
  out.Key("inSync");
  out.Bool(reconciler.idle());
  Put(out, "revision", desired.flows().revision().value);
  out.EndObject();
}

std::string ErrorAnswer(const std::string& message) {
  StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  Put(out, "error", message);
  out.EndObject();
  return buffer.GetString();
}

}  // namespace

Queries::Queries(const DesiredState& desired, const reconcile::FlowReconciler& reconciler,
                 Facts facts)
    : desired_(desired), reconciler_(reconciler), facts_(std::move(facts)) {}

std::string Queries::Answer(std::string_view request) const {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag>(request.data(), request.size());
  if (document.HasParseError() || !document.IsObject()) {
    return ErrorAnswer("the request is not a JSON object");
  }
  const std::string method = StringMember(document, "method");
  StringBuffer buffer;
  Writer out(buffer);
  out.StartObject();
  out.Key("result");
  if (method == "status") {
    WriteStatus(out, desired_, reconciler_, facts_());
  } else if (method == "endpoints") {
    WriteEndpoints(out, desired_);
  } else if (method == "classes") {
    WriteClasses(out, desired_);
  } else if (method == "rules") {
    WriteRules(out, desired_);
  } else if (method == "verdicts") {
    WriteVerdicts(out, desired_, document);
  } else if (method == "why") {
    const auto question = explain::ParseQuestion(
        {StringMember(document, "source"), StringMember(document, "target")});
    if (!question.ok()) return ErrorAnswer(question.error().message());
    WriteWhyAnswer(out, desired_, reconciler_, facts_().names, *question);
  } else {
    return ErrorAnswer("unknown method \"" + method + "\"");
  }
  out.EndObject();
  return buffer.GetString();
}

}  // namespace sluice::status
