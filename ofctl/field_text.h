// Values of fields as text, in the words of ovs-fields(7). Shared by matches and actions.
#pragma once

#include <cstdint>
#include <string>

#include "ofctl/match.h"

namespace sluice::ofctl {

// "0x1f"; "0" for zero, as printf's %#x and ovs-ofctl have it.
std::string HexText(const Bits& bits);
// "LOCAL", "IN_PORT" and the other reserved ports by name.
std::string PortText(uint64_t port);
// The right-hand side of "reg5=0x3/0xff" in a match.
std::string MatchValueText(const FieldMatch& entry);
// The operand of "set_field:0x3/0xff->reg5".
std::string SetValueText(const FieldMatch& entry);

}  // namespace sluice::ofctl
