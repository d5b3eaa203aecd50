#include "agent/explain/explain.h"

#include <algorithm>

#include "agent/explain/judge_direction.h"

namespace sluice::explain {
namespace {

using store::Direction;
using store::Protocol;

using EndPair = std::pair<const End*, const End*>;

// One pair a family that both have. An end of no known family goes with every other.
std::vector<EndPair> Pairs(const Ends& sources, const Ends& destinations) {
  std::vector<EndPair> pairs;
  for (const End& source : sources.of_family) {
    for (const End& destination : destinations.of_family) {
      const auto family = source.family();
      const auto other = destination.family();
      const bool meet = !family || !other || *family == *other;
      if (meet) pairs.emplace_back(&source, &destination);
    }
  }
  return pairs;
}

// Once each: both ends may be the same.
void Add(const std::vector<std::string>& more, std::vector<std::string>& notes) {
  for (const std::string& note : more) {
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  }
}

bool SamePod(const End& a, const End& b) {
  if (a.address && b.address) return *a.address == *b.address;
  return a.pods.size() == 1 && b.pods.size() == 1 && a.pods.front().key == b.pods.front().key;
}

// The number that the name stands for on the destination; errors in words.
Result<uint16_t> PortNumber(const Question& question, const End& destination) {
  if (const auto* number = std::get_if<uint16_t>(&question.port)) return *number;
  const auto& name = std::get<std::string>(question.port);
  for (const PodAtEnd& pod : destination.pods) {
    for (const store::ContainerPort& port : pod.named_ports) {
      if (port.name == name && port.protocol == question.protocol) return port.number;
    }
  }
  return NotFound(destination.ToString() + " defines no port \"" + name + "\" for " +
                  std::string(store::ToString(question.protocol)));
}

// "Traffic from a pod's local node is always allowed" (netpol rule 39).
void ExemptNode(PathExplanation& path, const End& source) {
  DirectionExplanation& ingress = path.ingress;
  if (ingress.judged_by != JudgedBy::kThisNode) return;
  if (source.place == Place::kNodeItself) {
    ingress = {.direction = Direction::kIngress,
               .judged_by = JudgedBy::kThisNode,
               .words = "a pod's own node reaches it whatever the policies say",
               .policies = {}};
  } else if (source.place == Place::kPerhapsNode && ingress.outcome != Outcome::kAllowed) {
    ingress.outcome = Outcome::kUnknown;
    ingress.words = "allowed if " + source.name + " is on this node; else: " + ingress.words;
  }
}

void NoteWhoJudges(PathExplanation& path, const View& view) {
  if (view.judged == View::Judged::kAll) return;
  const auto elsewhere = [&](const DirectionExplanation& of, const std::string& whose) {
    if (of.judged_by != JudgedBy::kOtherNode) return;
    path.notes.push_back(whose + " is not attached here: its " +
                         std::string(store::ToString(of.direction)) +
                         " is judged on its own node; said of it is what the policies known here"
                         " say");
  };
  elsewhere(path.egress, path.source);
  elsewhere(path.ingress, path.destination);
  if (path.egress.judged_by == JudgedBy::kNobody && path.ingress.judged_by == JudgedBy::kNobody) {
    path.notes.emplace_back("neither end is a pod that policies select: they say nothing");
  }
}

PathExplanation ExplainPath(const View& view, const ConnectionEnds& ends) {
  PathExplanation path{.source = ends.source.ToString(),
                       .destination = ends.destination.ToString(),
                       .source_place = ends.source.place,
                       .destination_place = ends.destination.place,
                       .source_address = ends.source.address,
                       .destination_address = ends.destination.address,
                       .port = ends.port,
                       .notes = {}};
  if (SamePod(ends.source, ends.destination)) {
    path.egress.words = path.ingress.words =
        "a pod's packets to itself never leave its network namespace: no policy sees them";
    return path;
  }
  path.egress = JudgeDirection(ends, Direction::kEgress);
  path.ingress = JudgeDirection(ends, Direction::kIngress);
  ExemptNode(path, ends.source);
  NoteWhoJudges(path, view);
  path.outcome = Both(path.egress.outcome, path.ingress.outcome);
  return path;
}

void Conclude(Explanation& explanation) {
  const auto& paths = explanation.paths;
  if (paths.empty()) return;
  explanation.outcome = paths.front().outcome;
  const bool same = std::all_of(paths.begin(), paths.end(), [&](const PathExplanation& path) {
    return path.outcome == explanation.outcome;
  });
  if (same) return;
  explanation.outcome = Outcome::kUnknown;
  explanation.notes.emplace_back("it depends on the address family: ask with an address");
}

}  // namespace

Explanation Explain(const View& view, const Question& question) {
  Explanation explanation{.protocol = question.protocol, .paths = {}, .notes = {}};
  const Result<Ends> sources = Resolve(view, question.source);
  const Result<Ends> destinations = Resolve(view, question.destination);
  for (const Result<Ends>* ends : {&sources, &destinations}) {
    if (ends->ok()) {
      Add((*ends)->notes, explanation.notes);
    } else {
      Add({ends->error().message()}, explanation.notes);
    }
  }
  if (!sources.ok() || !destinations.ok()) return explanation;
  const std::vector<EndPair> pairs = Pairs(*sources, *destinations);
  if (pairs.empty()) {
    explanation.notes.push_back(ToString(question.source) + " and " +
                                ToString(question.destination) +
                                " have no address family in common: no packet goes between them");
  }
  for (const auto& [source, destination] : pairs) {
    const Result<uint16_t> port = PortNumber(question, *destination);
    if (!port.ok()) {
      explanation.notes.push_back(port.error().message());
      continue;
    }
    explanation.paths.push_back(
        ExplainPath(view, {view.store, *source, *destination, question.protocol, *port}));
  }
  Conclude(explanation);
  return explanation;
}

}  // namespace sluice::explain
