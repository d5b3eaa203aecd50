// MonitoredDatabase: a connection to ovsdb-server that keeps a replica of what we monitor, and
// comes back by itself. Knows nothing of what the rows are for.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "agent/ovsdb/json_rpc_session.h"
#include "agent/ovsdb/replica.h"
#include "agent/ovsdb/transaction.h"
#include "ofctl/base/backoff.h"
#include "ofctl/base/result.h"

namespace sluice::ovsdb {

class MonitoredDatabase {
 public:
  enum class State {
    kWaiting,     // for the next try
    kConnecting,  // to the socket
    kMonitoring,  // connected, the snapshot is to come
    kReady,       // the replica is current
  };

  struct Config {
    std::string socket_path;
    std::chrono::milliseconds deadline;  // for an answer, and for each Wait
    Backoff::Spec backoff;
  };

  // Called by the event loop. They must not destroy the database.
  struct Events {
    std::function<void()> ready;             // the replica is new
    std::function<void()> changed;           // the replica has changed
    std::function<void(const Error&)> lost;  // was ready and is not any more
  };

  // Something that ovs-vswitchd is going to write.
  struct Wait {
    std::string what;  // for the message: "ofport of eth0"
    // What came of it; absent: not there yet. Asked at once and after every change.
    std::function<std::optional<Status>(const Replica&)> outcome;
    // With the outcome, Timeout, or Unavailable.
    std::function<void(const Status&)> done;
  };

  MonitoredDatabase(boost::asio::io_context& io, Config config, Events events);
  ~MonitoredDatabase();
  MonitoredDatabase(const MonitoredDatabase&) = delete;
  MonitoredDatabase& operator=(const MonitoredDatabase&) = delete;

  void Start();

  State state() const { return state_; }
  // Unavailable, saying why, unless ready.
  Status Readiness() const;
  // Of the last connection if not ready.
  const Replica& replica() const { return replica_; }

  // Only when ready. `done` runs later, with Unavailable if the connection gets lost: the
  // transaction may have been done then or not.
  void Transact(Transaction transaction, std::function<void(const Result<TransactionReply>&)> done);
  // Only when ready. `done` may run inside the call.
  void WaitFor(Wait wait);

 private:
  struct Pending {
    Wait wait;
    boost::asio::steady_timer deadline;
  };

  void Enter(State state);
  void Connect();
  void Monitor();
  void TakeSnapshot(const Result<const rapidjson::Value*>& reply);
  Status TakeNotification(const std::string& method, const rapidjson::Value& params);
  void CheckPending();
  void Drop(const Error& why);

  boost::asio::io_context& io_;
  Config config_;
  Events events_;
  Backoff backoff_;
  boost::asio::steady_timer retry_;
  State state_ = State::kWaiting;
  Error last_error_;
  std::shared_ptr<JsonRpcSession> session_;
  Replica replica_;
  std::list<std::shared_ptr<Pending>> pending_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

const char* ToString(MonitoredDatabase::State state);

}  // namespace sluice::ovsdb
