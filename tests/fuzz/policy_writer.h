// NetworkPolicies as somebody might write them, and with a few words that nobody should.
#pragma once

#include <boost/json/object.hpp>

#include "agent/store/objects.h"
#include "tests/fuzz/world.h"

namespace sluice::fuzz {

boost::json::object WritePolicy(const store::ObjectKey& key, const World& world, Dice& dice);

// Some change of it: a rule more, a rule less, other subjects, other types.
void ChangePolicy(boost::json::object& policy, const World& world, Dice& dice);

}  // namespace sluice::fuzz
