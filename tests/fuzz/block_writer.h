// ipBlocks around the addresses that pods have, with holes that cut through them.
#pragma once

#include <boost/json/object.hpp>

#include "tests/fuzz/world.h"

namespace sluice::fuzz {

boost::json::object WriteIpBlock(const World& world, Dice& dice);

}  // namespace sluice::fuzz
