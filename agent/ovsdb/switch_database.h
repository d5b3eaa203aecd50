// SwitchDatabase: the bridge and its ports as Open vSwitch's database knows them. An interface; the
// real one is OvsdbClient (ovsdb_client.h), JSON-RPC (RFC 7047) over a unix socket.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/store/endpoint.h"
#include "ofctl/base/ip.h"
#include "ofctl/base/result.h"
#include "ofctl/base/strong_id.h"

namespace sluice::ovsdb {

// A row of Flow_Table: a name for dump-flows, and the fields whose prefixes the classifier tracks.
struct FlowTableRow {
  uint8_t table = 0;
  std::string name;
  std::vector<std::string> prefixes;  // e.g. ct_nw_src, ct_ipv6_src
};

struct InternalPort {
  std::string name;
  OfPort ofport;
  MacAddress mac;
};

struct BridgeSpec {
  std::string name;
  std::string datapath_type;  // "netdev" or "system"
  std::vector<FlowTableRow> tables;
  InternalPort gateway;
  MacAddress local_mac;  // of the bridge's own (LOCAL) port
};

// A row of Interface on our bridge.
struct InterfaceRow {
  std::string name;
  std::optional<OfPort> ofport;  // absent: not assigned yet, or assignment failed (see error)
  std::string error;             // Interface.error, e.g. "could not open network device"
  store::ExternalIds external_ids;

  friend bool operator==(const InterfaceRow&, const InterfaceRow&) = default;
};

class SwitchDatabase {
 public:
  using Done = std::function<void(Status)>;
  using PortDone = std::function<void(Result<OfPort>)>;

  class Listener {
   public:
    virtual ~Listener() = default;
    // All rows of Interface that are on the bridge; once after every (re)connect, before any
    // OnInterface. What is not listed is gone.
    virtual void OnSnapshot(const std::vector<InterfaceRow>& rows) = 0;
    virtual void OnInterface(const InterfaceRow& row) = 0;
    virtual void OnInterfaceGone(const std::string& name) = 0;
    virtual void OnDisconnected(const Error& why) = 0;
  };

  virtual ~SwitchDatabase() = default;

  // Callbacks run later, never inside the call, and always run (kUnavailable when the connection
  // is or gets lost).

  // Creates the bridge or corrects it: fail_mode=secure, datapath_type, flow tables, gateway port.
  // Changes nothing if all is as it should be. Done when ovs-vswitchd has applied it.
  virtual void EnsureBridge(const BridgeSpec& spec, Done done) = 0;

  // Adds the port (or takes over an equal one) and waits for its ofport. kRefused with
  // Interface.error if the switch could not open the device; the row is removed again then.
  virtual void AddPort(const std::string& ifname, const store::ExternalIds& ids, PortDone done) = 0;

  // Removing a port that does not exist is a success.
  virtual void DeletePort(const std::string& ifname, Done done) = 0;
};

}  // namespace sluice::ovsdb
