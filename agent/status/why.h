// Why: an explanation from the agent's state, with what sluicectl needs to compare it with the
// switch. No I/O.
#pragma once

#include <string>

#include "agent/explain/question.h"
#include "agent/reconcile/desired_state.h"
#include "agent/status/facts.h"
#include "agent/status/why_json.h"

namespace sluice::status {

// The members of why_json.h, into an object that the caller opened.
void WriteWhy(JsonWriter& out, const reconcile::DesiredState& desired, const SwitchNames& names,
              const explain::Question& question);

}  // namespace sluice::status
