#include "agent/metrics/process_reading.h"

#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace sluice::metrics {
namespace {

double Seconds(const timeval& time) {
  constexpr double kMicro = 1e-6;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * kMicro;
}

// Field 22 of /proc/self/stat, in clock ticks since boot; the name in field 2 may hold blanks.
double StartedAfterBoot() {
  constexpr int kFieldsBetween = 19;  // 3 to 21
  std::ifstream file("/proc/self/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(std::min(text.rfind(')') + 1, text.size())));
  std::string skipped;
  for (int i = 0; i < kFieldsBetween; ++i) fields >> skipped;
  double ticks = 0;
  fields >> ticks;
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

double BootTime() {
  std::ifstream file("/proc/uptime");
  double uptime = 0;
  file >> uptime;
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count() - uptime;
}

uint64_t CountOpenFds() {
  std::error_code failed;
  uint64_t count = 0;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed)) {
    ++count;
  }
  return count > 0 ? count - 1 : 0;  // the one that reads the directory
}

}  // namespace

ProcessReading ReadProcess() {
  static const double start_time = BootTime() + StartedAfterBoot();
  ProcessReading reading;
  reading.start_time_seconds = start_time;
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    reading.cpu_seconds = Seconds(usage.ru_utime) + Seconds(usage.ru_stime);
  }
  std::ifstream statm("/proc/self/statm");
  const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  statm >> reading.virtual_bytes >> reading.resident_bytes;
  reading.virtual_bytes *= page;
  reading.resident_bytes *= page;
  reading.open_fds = CountOpenFds();
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) reading.max_fds = limit.rlim_cur;
  return reading;
}

}  // namespace sluice::metrics
