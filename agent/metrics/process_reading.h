// What the kernel says of this process, for the conventional process_* metrics.
#pragma once

#include <cstdint>

namespace sluice::metrics {

struct ProcessReading {
  double cpu_seconds = 0;         // user and system
  double start_time_seconds = 0;  // since the epoch
  uint64_t resident_bytes = 0;
  uint64_t virtual_bytes = 0;
  uint64_t open_fds = 0;
  uint64_t max_fds = 0;
};

// proc(5). What cannot be read is 0.
ProcessReading ReadProcess();

}  // namespace sluice::metrics
