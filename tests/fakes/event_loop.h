// The event loop of a test, turned by hand.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

namespace sluice::fakes {

// Lets the loop run until then. A test whose condition never holds fails instead of hanging.
template <typename Condition>
void RunUntil(boost::asio::io_context& io, const Condition& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) FAIL() << "deadline";
    io.restart();
    io.run_one_for(std::chrono::milliseconds(20));
  }
}

}  // namespace sluice::fakes
