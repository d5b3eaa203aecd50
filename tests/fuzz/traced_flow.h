// The first packet of a connection as ofproto/trace takes it. Pure text.
#pragma once

#include <string>

#include "tests/fuzz/level.h"

namespace sluice::fuzz {

// As it comes out of conntrack, which then knows no ports of SCTP on the userspace datapath.
// `question` must have a journey.
std::string TrackedFlow(const Question& question, pipeline::SctpPorts sctp);

// As its sender sends it, or as it would with another source address.
std::string UntrackedFlow(const Question& question);
std::string UntrackedFlow(const Question& question, const IpAddress& source);

}  // namespace sluice::fuzz
