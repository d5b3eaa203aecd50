// What we ever ask of the database, as transactions. Pure: computed from the replica.
#pragma once

#include <string>

#include "agent/ovsdb/replica.h"
#include "agent/ovsdb/switch_database.h"
#include "agent/ovsdb/transaction.h"

namespace sluice::ovsdb {

// All that has to change so that the bridge is as `spec` says; empty if it is. Leaves alone what
// `spec` does not speak of, such as the pods' ports.
Transaction BridgeCorrections(const Replica& replica, const BridgeSpec& spec);

struct PortSpec {
  std::string ifname;
  std::string type;  // of the Interface; empty: a device of the system
  store::ExternalIds external_ids;
};

// The Interface's is the first insert of the reply, the Port's the second.
Transaction AddPortTransaction(const Uuid& bridge, const PortSpec& spec);

struct PortOnBridge {
  Uuid bridge;
  Uuid port;
};
// The server then collects the rows of Port and Interface, nothing refers to them any more.
Transaction DeletePortTransaction(const PortOnBridge& rows);

}  // namespace sluice::ovsdb
