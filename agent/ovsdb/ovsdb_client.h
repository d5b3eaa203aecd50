// OvsdbClient: SwitchDatabase over a connection to ovsdb-server that is re-established when lost.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "agent/ovsdb/monitored_database.h"
#include "agent/ovsdb/switch_database.h"
#include "agent/ovsdb/transactions.h"

namespace sluice::ovsdb {

class OvsdbClient : public SwitchDatabase {
 public:
  struct Config {
    std::string socket_path;  // ovsdb-server's, e.g. /run/openvswitch/db.sock
    std::string bridge;       // the one whose interfaces are reported
    // Interface.type of the ports that AddPort adds: empty for devices of the system.
    std::string port_type;
    // For an answer of ovsdb-server, and for ovs-vswitchd to do what a call asks for.
    std::chrono::milliseconds deadline{10'000};
    Backoff::Spec backoff{.first = std::chrono::milliseconds(100),
                          .max = std::chrono::milliseconds(5'000)};
  };

  // The listener is called by the event loop and must not destroy the client. Callbacks that are
  // outstanding when the client is destroyed never run.
  OvsdbClient(boost::asio::io_context& io, Config config, Listener& listener);

  void Start();
  // Unavailable, with why, while ovsdb-server's rows are not known.
  Status Readiness() const { return database_.Readiness(); }

  void EnsureBridge(const BridgeSpec& spec, Done done) override;
  void AddPort(const std::string& ifname, const store::ExternalIds& ids, PortDone done) override;
  void DeletePort(const std::string& ifname, Done done) override;

 private:
  // Operations on one name run one after the other: each one looks at the replica to know what
  // there is to do. `next` must be called once when an operation is over.
  using Operation = std::function<void(std::function<void()> next)>;
  void Enqueue(const std::string& name, Operation operation);
  void RunFirst(const std::string& name);

  void Correct(const BridgeSpec& spec, const Done& done);
  void AwaitBridge(const BridgeSpec& spec, int64_t next_cfg, const Done& done);
  void Add(const PortSpec& spec, const PortDone& done);
  void Insert(const PortSpec& spec, const PortDone& done);
  void AwaitOfport(const std::string& ifname, const Uuid& device, const PortDone& done);
  // Done when it is out of the database.
  void Remove(const std::string& ifname, const Done& done);
  // Done when ovs-vswitchd has let go of the device as well.
  void Replace(const PortSpec& spec, const PortDone& done);
  void AwaitApplied(int64_t next_cfg, const Done& done);

  void ReportAll();
  void ReportChanges();

  // Runs `call` from the event loop, unless we are gone by then.
  void Post(std::function<void()> call);

  boost::asio::io_context& io_;
  Config config_;
  Listener& listener_;
  std::map<std::string, InterfaceRow> reported_;
  std::map<std::string, std::deque<Operation>> operations_;  // by name; the first one is running
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  MonitoredDatabase database_;
};

}  // namespace sluice::ovsdb
