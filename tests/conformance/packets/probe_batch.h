// ProbeBatch: many connections tried at once, each from the namespace it is said to come from.
// Each sends one packet and no second one while it is not answered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "ofctl/base/result.h"
#include "tests/conformance/cluster_case.h"
#include "tests/conformance/packets/network_namespace.h"

namespace sluice::conformance {

struct Probe {
  const NetworkNamespace* from = nullptr;
  IpAddress to;
  Service service;
  std::string server;  // whose greeting is the right answer
};

enum class Fate : uint8_t {
  kSilent,    // no answer so far
  kAnswered,  // by the right server
  kOdd,       // refused, unreachable, or answered by somebody else
};

class Attempt;

class ProbeBatch {
 public:
  // Sends them all, from sockets that the calling thread makes in the probes' namespaces; `home` is
  // where it belongs.
  ProbeBatch(boost::asio::io_context& io, const NetworkNamespace& home,
             const std::vector<Probe>& probes);
  ~ProbeBatch();  // hangs up
  ProbeBatch(const ProbeBatch&) = delete;
  ProbeBatch& operator=(const ProbeBatch&) = delete;

  // Runs the event loop for so long, or until no probe is silent. However late the machine is,
  // all that has arrived by then is looked at.
  void RunFor(std::chrono::milliseconds time);

  size_t silent() const;
  Fate fate(size_t probe) const;
  // What was odd about it.
  const std::string& oddity(size_t probe) const;

 private:
  boost::asio::io_context& io_;
  std::vector<std::shared_ptr<Attempt>> attempts_;
};

}  // namespace sluice::conformance
