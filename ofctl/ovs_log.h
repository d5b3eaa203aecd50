// libopenvswitch has a log of its own, that it prints to standard error.
#pragma once

namespace sluice::ofctl {

// Switches it off, once. What it would say is in the errors that the codec returns.
void SilenceOvsLog();

}  // namespace sluice::ofctl
