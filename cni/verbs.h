// The verbs, but for VERSION, each in a file of its name (verb_add.cc, ...). The answer is what
// goes to stdout: ADD's result, nothing for the others.
#pragma once

#include <string>

#include "cni/job.h"
#include "cni/types.h"

namespace sluice::cni {

Answer<std::string> Add(const Job& job);
// Content with what is gone already; everything is tried, whatever fails.
Answer<std::string> Del(const Job& job);
Answer<std::string> Check(const Job& job);
// Whether ADD would work now.
Answer<std::string> ReadinessOf(const Job& job);
// Removes what the runtime does not list: from the switch, and from IPAM.
Answer<std::string> CollectGarbage(const Job& job);

}  // namespace sluice::cni
