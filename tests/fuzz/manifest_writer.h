// Namespaces and pods as somebody might write them, and the selectors that are after them.
#pragma once

#include <boost/json/object.hpp>

#include "agent/store/objects.h"
#include "tests/fuzz/world.h"

namespace sluice::fuzz {

boost::json::object WriteNamespace(const std::string& name, const World& world, Dice& dice);
boost::json::object WritePod(const store::ObjectKey& key, const World& world, Dice& dice);

// Some change of a pod: relabelled, finished, moved, with other ports.
void ChangePod(boost::json::object& pod, const World& world, Dice& dice);

// The addresses of a pod: of one family or both.
std::vector<IpAddress> SomeAddresses(const World& world, Dice& dice);

enum class SelectorOver : uint8_t { kPods, kNamespaces };
boost::json::object WriteSelector(SelectorOver of, const World& world, Dice& dice);

std::string SomeSelectorValue(const World& world, Dice& dice);

// "TCP", "UDP" or "SCTP", as far as the world has it.
std::string SomeProtocol(const World& world, Dice& dice);

}  // namespace sluice::fuzz
