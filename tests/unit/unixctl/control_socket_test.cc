#include "agent/unixctl/control_socket.h"

#include <gtest/gtest.h>

#include "tests/fakes/temp_dir.h"

namespace sluice::unixctl {
namespace {

TEST(FindControlSocketTest, IsThatOfTheProcessInThePidfile) {
  const fakes::TempDir run;
  run.Write("ovs-vswitchd.41.ctl", "");  // a predecessor's, left by a crash
  run.Write("ovs-vswitchd.42.ctl", "");
  run.Write("ovs-vswitchd.ctl", "");
  run.Write("ovs-vswitchd.pid", "42\n");
  EXPECT_EQ(FindControlSocket(run.path()).value(), run / "ovs-vswitchd.42.ctl");
}

TEST(FindControlSocketTest, IsTheOneWithAFixedNameElse) {
  const fakes::TempDir run;
  run.Write("ovs-vswitchd.41.ctl", "");
  run.Write("ovs-vswitchd.ctl", "");
  run.Write("ovs-vswitchd.pid", "42\n");
  EXPECT_EQ(FindControlSocket(run.path()).value(), run / "ovs-vswitchd.ctl");
}

TEST(FindControlSocketTest, ThereMayBeNone) {
  const fakes::TempDir run;
  run.Write("ovs-vswitchd.41.ctl", "");
  EXPECT_EQ(FindControlSocket(run.path()).error(),
            NotFound("no control socket of ovs-vswitchd in " + run.path()));
}

}  // namespace
}  // namespace sluice::unixctl
