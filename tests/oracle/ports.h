// Rules 29 to 36: which ports a rule means.
#pragma once

#include "tests/oracle/node_view.h"
#include "tests/oracle/oracle.h"

namespace sluice::oracle {

// Whether the rule means the connection's port by its number, or means every port.
bool NumberMatches(const store::PolicyRule& rule, const Connection& connection);

// Whether it means it by a name that `destination` gives to a port of its own.
bool NameMatches(const store::PolicyRule& rule, const SeenPod& destination,
                 const Connection& connection);

}  // namespace sluice::oracle
