// OvsSandbox: a private ovsdb-server and ovs-vswitchd in a temporary directory, for one test.
// Started in the constructor, killed and removed in the destructor; never touches the host's own.
#pragma once

#include <sys/types.h>

#include <string>

#include "ofctl/base/result.h"

namespace sluice::fakes {

class OvsSandbox {
 public:
  enum class Datapath {
    kDummy,   // no root, no packets: `ovs-vswitchd --enable-dummy`; ports of type dummy
    kNetdev,  // real devices in the network namespace of the caller; needs root
  };

  explicit OvsSandbox(Datapath datapath);
  ~OvsSandbox();
  OvsSandbox(const OvsSandbox&) = delete;
  OvsSandbox& operator=(const OvsSandbox&) = delete;

  const std::string& rundir() const { return rundir_; }  // holds <bridge>.mgmt
  std::string db_socket() const { return rundir_ + "/db.sock"; }
  std::string mgmt_socket(const std::string& bridge) const {
    return rundir_ + "/" + bridge + ".mgmt";
  }
  std::string vswitchd_control() const { return rundir_ + "/ovs-vswitchd.ctl"; }

  // Runs an ovs tool against this sandbox; CHECKs that it exits 0; returns its standard output.
  // The arguments are read by sh: quote what it would take for its own. OpenFlow is 1.5.
  //   Vsctl("add-br br0 -- set bridge br0 datapath_type=dummy fail_mode=secure")
  //   Ofctl("dump-flows br0")       Appctl("ofproto/trace br0 in_port=1,ip")
  std::string Vsctl(const std::string& arguments) const;
  std::string Ofctl(const std::string& arguments) const;
  std::string Appctl(const std::string& arguments) const;

  // kill -9 of ovs-vswitchd, and its start with the same database.
  void KillSwitch();
  void StartSwitch();
  // The start alone: nothing answers yet.
  void LaunchSwitch();
  // Of ovs-vswitchd, while it runs.
  pid_t switch_pid() const { return switch_pid_; }

 private:
  std::string Run(const std::string& command) const;
  void StartDatabase();

  Datapath datapath_;
  std::string rundir_;
  int database_pid_ = -1;
  int switch_pid_ = -1;
};

}  // namespace sluice::fakes
