#include "agent/unixctl/control_socket.h"

#include <filesystem>
#include <fstream>
#include <system_error>

namespace sluice::unixctl {

Result<std::string> FindControlSocket(const std::string& rundir) {
  std::string pid;
  std::ifstream(rundir + "/ovs-vswitchd.pid") >> pid;
  const std::filesystem::path directory(rundir);
  for (const auto& path :
       {directory / ("ovs-vswitchd." + pid + ".ctl"), directory / "ovs-vswitchd.ctl"}) {
    std::error_code ignored;
    if (std::filesystem::exists(path, ignored)) return path.string();
  }
  return NotFound("no control socket of ovs-vswitchd in " + rundir);
}

}  // namespace sluice::unixctl
