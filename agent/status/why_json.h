// An explanation as JSON: what `sluicectl why -o json` prints. The names are stable.
//
//   verdict   "allowed", "denied", or "unknown": then the notes say why
//   protocol  "TCP", "UDP", "SCTP"
//   notes     [text]: what is peculiar about the ends of the connection
//   paths     one a family that both ends have:
//     source, destination                  "10.244.0.5 (shop/client)"
//     sourceAddress, destinationAddress    absent while nobody knows it
//     port      number; a name is resolved on the destination
//     verdict   of both directions
//     egress, ingress
//       verdict    "allowed", "denied", "unknown"
//       judgedBy   "this node", "another node", "nobody"
//       isolated   whether a policy selects the pod in this direction
//       reason     one sentence
//       decidedBy  ["default/web ingress[0]"]: the rules that allow it
//       policies   those that isolate: policy; rules: index, matches, peers, ports ("yes", "no",
//                  "unknown"), words ([text]; of a rule that does not match the nearest miss first)
//     notes
//     engine    what the agent's engine says of its own side (not with --manifests)
//     trace     the agent's request to the switch; sluicectl puts the answer in its place:
//     switch    verdict ("allowed", "denied", "unknown"), agrees (true, false; null: not
//               compared), words
//   inSync    whether the switch holds what the agent wants (not with --manifests)
//   revision  of what the agent wants (not with --manifests)
#pragma once

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <functional>

#include "agent/explain/explanation.h"

namespace sluice::status {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

// Writes more members of the path's object.
using WritePathMembers = std::function<void(JsonWriter&, const explain::PathExplanation&)>;

// The members of an explanation, into an object that the caller opened.
void WriteExplanation(JsonWriter& out, const explain::Explanation& explanation,
                      const WritePathMembers& more = nullptr);

}  // namespace sluice::status
