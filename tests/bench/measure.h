// What is measured, and how runs become one figure.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/bench/report.h"

namespace sluice::bench {

// Of this thread: pure code waits for nothing, so on an idle machine that is its wall time, and
// neighbours do not count.
double CpuSeconds();
// For what waits for a switch.
double WallSeconds();
// Of another process, all of its threads.
double CpuSecondsOf(pid_t process);
using Clock = double (*)();

// Adds up the time of the parts that are to be measured. A function that a profiler can see:
// `callgrind --toggle-collect` counts the instructions of the very same parts.
class Stopwatch {
 public:
  explicit Stopwatch(Clock clock = CpuSeconds) : clock_(clock) {}

  template <typename Work>
  [[gnu::noinline]] void Time(Work work) {
    const double start = clock_();
    work();
    seconds_ += clock_() - start;
  }
  double seconds() const { return seconds_; }

 private:
  Clock clock_;
  double seconds_ = 0;
};

// Resident memory since the object was made.
class MemoryGauge {
 public:
  MemoryGauge();
  double peak_megabytes() const;
  double megabytes() const;

 private:
  double before_;
};

// The figures of one run, by name.
using Figures = std::map<std::string, double>;

// Runs `work` in a child process: what one run leaves in the heap helps no other, and its peak of
// memory is its own.
Figures InOwnProcess(const std::function<Figures()>& work);

struct Summary {
  double median = 0;
  double spread = 0;  // half the distance of the quartiles
};
Summary Summarize(std::vector<double> samples);
double Percentile(std::vector<double> samples, double share);

// One figure of several runs.
class Runs {
 public:
  Runs() = default;
  Runs(int count, const std::function<Figures()>& work);
  // One run more: a process of its own.
  void Add(const std::function<Figures()>& work);
  // The row with value and spread of that figure.
  Row Of(const std::string& figure, Row row) const;
  double Median(const std::string& figure) const;

 private:
  std::vector<Figures> runs_;
};

// The slope of log y over log x by least squares: y grows like x to that power.
double GrowthExponent(const std::vector<std::pair<double, double>>& points);

}  // namespace sluice::bench
