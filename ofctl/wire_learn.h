// Learn ⇄ ofpact_learn of libopenvswitch. Included by .cc files of ofctl only.
#pragma once

#include <optional>

#include "ofctl/actions.h"
#include "ofctl/base/result.h"

struct ofpact_learn;
struct ofpbuf;

namespace sluice::ofctl {

// `proto` as for other actions. Error: a value or a width that does not fit.
Status ToOvs(const Learn& from, uint8_t proto, ofpbuf& to);

// Absent: it has a part that Learn does not have.
std::optional<Action> FromOvs(const ofpact_learn& from);

}  // namespace sluice::ofctl
