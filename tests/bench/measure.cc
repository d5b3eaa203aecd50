#include "tests/bench/measure.h"

#include <glog/logging.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <sstream>

namespace sluice::bench {
namespace {

// A line of /proc/self/status, in MB.
double StatusMegabytes(const std::string& key) {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    if (line.rfind(key + ":", 0) == 0) return std::stod(line.substr(key.size() + 1)) / 1024;
  }
  LOG(FATAL) << "no " << key << " in /proc/self/status";
}

double SecondsOf(clockid_t clock) {
  timespec now{};
  PCHECK(clock_gettime(clock, &now) == 0);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

std::string ReadAll(int fd) {
  std::string text;
  char buffer[4096];
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0;) {
    text.append(buffer, static_cast<size_t>(got));
  }
  return text;
}

}  // namespace

double CpuSecondsOf(pid_t process) {
  clockid_t clock{};
  CHECK_EQ(clock_getcpuclockid(process, &clock), 0) << process;
  return SecondsOf(clock);
}

double CpuSeconds() { return SecondsOf(CLOCK_THREAD_CPUTIME_ID); }
double WallSeconds() { return SecondsOf(CLOCK_MONOTONIC); }

MemoryGauge::MemoryGauge() : before_(StatusMegabytes("VmRSS")) {
  std::ofstream("/proc/self/clear_refs") << "5";  // proc(5): VmHWM starts again from here
}

double MemoryGauge::peak_megabytes() const { return StatusMegabytes("VmHWM") - before_; }
double MemoryGauge::megabytes() const { return StatusMegabytes("VmRSS") - before_; }

Figures InOwnProcess(const std::function<Figures()>& work) {
  int ends[2];
  PCHECK(pipe(ends) == 0);
  std::fflush(nullptr);
  const pid_t child = fork();
  PCHECK(child >= 0);
  if (child == 0) {
    close(ends[0]);
    std::ostringstream text;
    text.precision(17);
    for (const auto& [name, value] : work()) text << name << '\t' << value << '\n';
    const std::string out = text.str();
    _exit(write(ends[1], out.data(), out.size()) == static_cast<ssize_t>(out.size()) ? 0 : 1);
  }
  close(ends[1]);
  std::istringstream text(ReadAll(ends[0]));
  close(ends[0]);
  int status = 0;
  PCHECK(waitpid(child, &status, 0) == child);
  CHECK_EQ(status, 0) << "the run failed";
  Figures figures;
  std::string name;
  for (std::string value; std::getline(text, name, '\t') && std::getline(text, value);) {
    figures[name] = std::stod(value);
  }
  return figures;
}

double Percentile(std::vector<double> samples, double share) {
  CHECK(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const double place = share * static_cast<double>(samples.size() - 1);
  const auto below = static_cast<size_t>(place);
  const size_t above = std::min(below + 1, samples.size() - 1);
  return samples[below] + (place - std::floor(place)) * (samples[above] - samples[below]);
}

Summary Summarize(std::vector<double> samples) {
  return {Percentile(samples, 0.5), (Percentile(samples, 0.75) - Percentile(samples, 0.25)) / 2};
}

Runs::Runs(int count, const std::function<Figures()>& work) {
  for (int i = 0; i < count; ++i) Add(work);
}

void Runs::Add(const std::function<Figures()>& work) { runs_.push_back(InOwnProcess(work)); }

Row Runs::Of(const std::string& figure, Row row) const {
  std::vector<double> samples;
  for (const Figures& run : runs_) samples.push_back(run.at(figure));
  const Summary summary = Summarize(std::move(samples));
  row.value = summary.median;
  row.spread = summary.spread;
  return row;
}

double Runs::Median(const std::string& figure) const { return Of(figure, {}).value; }

double GrowthExponent(const std::vector<std::pair<double, double>>& points) {
  double sum_x = 0, sum_y = 0, sum_xx = 0, sum_xy = 0;
  for (const auto& [x, y] : points) {
    const double log_x = std::log(x);
    const double log_y = std::log(std::max(y, 1e-9));
    sum_x += log_x;
    sum_y += log_y;
    sum_xx += log_x * log_x;
    sum_xy += log_x * log_y;
  }
  const auto count = static_cast<double>(points.size());
  return (count * sum_xy - sum_x * sum_y) / (count * sum_xx - sum_x * sum_x);
}

}  // namespace sluice::bench
