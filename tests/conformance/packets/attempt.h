// Attempt: one connection that is tried: a packet out, and what comes back.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "tests/conformance/packets/probe_batch.h"

namespace sluice::conformance {

class Attempt : public std::enable_shared_from_this<Attempt> {
 public:
  virtual ~Attempt() = default;

  // In the namespace of the calling thread.
  static std::shared_ptr<Attempt> Make(boost::asio::io_context& io, const Probe& probe);

  virtual void Send() = 0;
  // Lets go of the socket; handlers that are queued find it closed.
  virtual void HangUp() = 0;

  Fate fate() const { return fate_; }
  const std::string& oddity() const { return oddity_; }

 protected:
  explicit Attempt(std::string expected) : expected_(std::move(expected)) {}

  void OnAnswer(const std::string& text);
  void OnFailure(const std::string& what);

 private:
  std::string expected_;
  Fate fate_ = Fate::kSilent;
  std::string oddity_;
};

}  // namespace sluice::conformance
