// Explain: the verdict on a connection with its reasons, from the objects alone.
//
// Made from the NetworkPolicy objects rather than from classes and rules: what it says of this
// node's own directions is what PolicyEngine::Judge says, by another way (a test holds them
// together), and it says it of other nodes' pods as well.
#pragma once

#include "agent/explain/end.h"
#include "agent/explain/explanation.h"
#include "agent/explain/question.h"

namespace sluice::explain {

Explanation Explain(const View& view, const Question& question);

}  // namespace sluice::explain
