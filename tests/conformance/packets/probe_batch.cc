#include "tests/conformance/packets/probe_batch.h"

#include <algorithm>

#include "tests/conformance/packets/attempt.h"

namespace sluice::conformance {

ProbeBatch::ProbeBatch(boost::asio::io_context& io, const NetworkNamespace& home,
                       const std::vector<Probe>& probes)
    : io_(io) {
  attempts_.reserve(probes.size());
  for (const Probe& probe : probes) {
    const Visit inside(*probe.from, home);
    attempts_.push_back(Attempt::Make(io, probe));
    attempts_.back()->Send();
  }
}

ProbeBatch::~ProbeBatch() {
  for (const auto& attempt : attempts_) attempt->HangUp();
  io_.poll();  // the handlers of closed sockets
}

void ProbeBatch::RunFor(std::chrono::milliseconds time) {
  const auto deadline = std::chrono::steady_clock::now() + time;
  io_.restart();
  while (silent() > 0 && std::chrono::steady_clock::now() < deadline) io_.run_one_until(deadline);
  io_.poll();
}

size_t ProbeBatch::silent() const {
  return static_cast<size_t>(std::count_if(attempts_.begin(), attempts_.end(), [](const auto& one) {
    return one->fate() == Fate::kSilent;
  }));
}

Fate ProbeBatch::fate(size_t probe) const { return attempts_[probe]->fate(); }

const std::string& ProbeBatch::oddity(size_t probe) const { return attempts_[probe]->oddity(); }

}  // namespace sluice::conformance
