#include "agent/cni_server/status_handler.h"

#include <gtest/gtest.h>

#include "tests/unit/cni_server/fake_steps.h"

namespace sluice::cni_server {
namespace {

using Concerns = cni::NotReady::Concerns;

TEST(StatusHandlerTest, IsReadyWhenAddIs) {
  const FakeSteps steps;
  EXPECT_EQ(HandleStatus(steps).value(), cni::Success{});
}

TEST(StatusHandlerTest, TellsNewPodsFromAllPods) {
  FakeSteps steps;
  steps.ready = Unavailable("dumping");
  EXPECT_EQ(HandleStatus(steps)->not_ready,
            (cni::NotReady{.concerns = Concerns::kNewPods, .why = "dumping"}));
  steps.forwarding = false;
  EXPECT_EQ(HandleStatus(steps)->not_ready->concerns, Concerns::kAllPods);
}

}  // namespace
}  // namespace sluice::cni_server
