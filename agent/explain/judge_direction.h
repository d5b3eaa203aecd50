// One direction of a connection: which policies isolate its subject, and what each rule says.
#pragma once

#include "agent/explain/explanation.h"
#include "agent/explain/rule_finding.h"

namespace sluice::explain {

// From the objects alone, whichever node the subject is on.
DirectionExplanation JudgeDirection(const ConnectionEnds& connection, store::Direction direction);

}  // namespace sluice::explain
