// AgentFacts: what neither the desired state nor the reconciler knows of the agent.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace sluice::status {

// What the switch's control socket and trace answers have to be told by.
struct SwitchNames {
  std::string bridge;
  std::string gateway_port;
  std::string ovs_rundir;  // where ovs-vswitchd's control socket is
};

struct AgentFacts {
  // One resource of an apiserver.
  struct Watch {
    std::string resource;  // "pods"
    std::string state;     // "watch"
    bool synced = false;   // has been listed, once
    std::string trouble;   // why nothing is heard now; empty: none
    uint64_t lists = 0;    // whole ones
    uint64_t failures = 0;
    uint64_t events = 0;
    double last_heard = 0;  // seconds since the epoch; 0: never
  };
  struct Source {
    std::string name;
    bool synced = false;
    std::vector<Watch> watches;  // none for manifests
  };
  // What keeps a part from working now; empty: nothing.
  struct Troubles {
    std::string database;  // ovsdb-server's connection
    std::string bridge;    // its creation in the database
    std::string gateway;   // the node's end of the pods' network
  };

  Source objects;
  Source endpoints;
  Troubles troubles;
  std::vector<std::string> complaints;             // one line each
  std::map<std::string, size_t> complaint_counts;  // by kind of object
  SwitchNames names;
};

}  // namespace sluice::status
