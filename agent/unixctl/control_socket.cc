#include "agent/unixctl/control_socket.h"

#include <unistd.h>

#include <fstream>

namespace sluice::unixctl {

Result<std::string> FindControlSocket(const std::string& rundir) {
  std::string pid;
  std::ifstream(rundir + "/ovs-vswitchd.pid") >> pid;
  for (const std::string& name :
       {"ovs-vswitchd." + pid + ".ctl", std::string("ovs-vswitchd.ctl")}) {
    const std::string path = rundir + "/" + name;
    if (access(path.c_str(), F_OK) == 0) return path;
  }
  return NotFound("no control socket of ovs-vswitchd in " + rundir);
}

}  // namespace sluice::unixctl
