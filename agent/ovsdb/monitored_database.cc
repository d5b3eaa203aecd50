#include "agent/ovsdb/monitored_database.h"

#include <glog/logging.h>

#include <string_view>
#include <utility>

namespace sluice::ovsdb {
namespace {

using boost::system::error_code;

std::string MonitorParams() {
  Columns tables;
  for (const auto& [table, names] : kMonitoredColumns) {
    std::string columns;
    for (const std::string& name : names) {
      columns += (columns.empty() ? "" : ",") + Datum::Text(name).json;
    }
    tables.emplace(table, Datum{"{\"columns\":[" + columns + "]}"});
  }
  return "[\"Open_vSwitch\",\"sluice\"," + ToJson(tables) + "]";
}

}  // namespace

const char* ToString(MonitoredDatabase::State state) {
  switch (state) {
    case MonitoredDatabase::State::kWaiting:
      return "waiting";
    case MonitoredDatabase::State::kConnecting:
      return "connecting";
    case MonitoredDatabase::State::kMonitoring:
      return "monitoring";
    case MonitoredDatabase::State::kReady:
      return "ready";
  }
  return "?";
}

MonitoredDatabase::MonitoredDatabase(boost::asio::io_context& io, Config config, Events events)
    : io_(io),
      config_(std::move(config)),
      events_(std::move(events)),
      backoff_(config_.backoff),
      retry_(io),
      last_error_(Unavailable("not started")) {}

MonitoredDatabase::~MonitoredDatabase() {
  if (session_) session_->Abandon();
}

void MonitoredDatabase::Start() { Connect(); }

Status MonitoredDatabase::Readiness() const {
  if (state_ == State::kReady) return Ok();
  return Unavailable("ovsdb: " + last_error_.message());
}

void MonitoredDatabase::Enter(State state) {
  VLOG(1) << "ovsdb " << config_.socket_path << ": " << ToString(state_) << " -> "
          << ToString(state);
  state_ = state;
}

void MonitoredDatabase::Connect() {
  Enter(State::kConnecting);
  // The session calls none of these after Abandon, so `this` lives.
  session_ = JsonRpcSession::Connect(
      io_, {.path = config_.socket_path, .deadline = config_.deadline},
      {.connected = [this] { Monitor(); },
       .notified = [this](
                       const std::string& method,
                       const rapidjson::Value& params) { return TakeNotification(method, params); },
       .closed = [this](const Error& why) { Drop(why); }});
}

void MonitoredDatabase::Monitor() {
  Enter(State::kMonitoring);
  session_->Call("monitor", MonitorParams(),
                 [this](const Result<const rapidjson::Value*>& reply) { TakeSnapshot(reply); });
}

void MonitoredDatabase::TakeSnapshot(const Result<const rapidjson::Value*>& reply) {
  // Lost while we waited: Drop has seen to it.
  if (!reply.ok() && reply.error().code() == ErrorCode::kUnavailable) return;
  replica_ = Replica();
  const Status applied = reply.ok() ? replica_.Apply(**reply) : Status(reply.error());
  if (!applied.ok()) return session_->Fail(applied.error());
  backoff_.Succeeded();
  Enter(State::kReady);
  LOG(INFO) << "ovsdb: connected to " << config_.socket_path;
  events_.ready();
}

Status MonitoredDatabase::TakeNotification(const std::string& method,
                                           const rapidjson::Value& params) {
  if (method != "update" || state_ != State::kReady) return Ok();
  if (!params.IsArray() || params.Size() != 2) return Invalid("update without updates");
  SLUICE_RETURN_IF_ERROR(replica_.Apply(params[1]));
  events_.changed();
  CheckPending();
  return Ok();
}

void MonitoredDatabase::Transact(Transaction transaction,
                                 std::function<void(const Result<TransactionReply>&)> done) {
  CHECK(state_ == State::kReady);
  const std::string params = transaction.Params();
  session_->Call(
      "transact", params,
      [transaction = std::move(transaction),
       done = std::move(done)](const Result<const rapidjson::Value*>& reply) {
        done(reply.ok() ? transaction.ReadReply(**reply) : Result<TransactionReply>(reply.error()));
      });
}

void MonitoredDatabase::WaitFor(Wait wait) {
  if (const auto outcome = wait.outcome(replica_)) return wait.done(*outcome);
  const auto pending = std::make_shared<Pending>(
      Pending{std::move(wait), boost::asio::steady_timer(io_, config_.deadline)});
  pending_.push_back(pending);
  // Not in the list any more: somebody else has called `done`, or we are gone.
  pending->deadline.async_wait([this, weak = std::weak_ptr(pending)](const error_code& cancelled) {
    const auto late = weak.lock();
    if (cancelled || !late || std::erase(pending_, late) == 0) return;
    late->wait.done(Timeout("no " + late->wait.what + " after " +
                            std::to_string(config_.deadline.count()) +
                            " ms; is ovs-vswitchd running?"));
  });
}

void MonitoredDatabase::CheckPending() {
  // `done` may add to the list.
  for (const auto& pending : std::list(pending_)) {
    const auto outcome = pending->wait.outcome(replica_);
    if (!outcome || std::erase(pending_, pending) == 0) continue;
    pending->deadline.cancel();
    pending->wait.done(*outcome);
  }
}

void MonitoredDatabase::Drop(const Error& why) {
  const bool was_ready = state_ == State::kReady;
  const bool told = !was_ready && why.message() == last_error_.message();
  last_error_ = why;
  const auto retry_in = backoff_.Failed();
  Enter(State::kWaiting);
  if (!told) LOG(WARNING) << "ovsdb: " << why.message() << "; trying again until it is there";
  retry_.expires_after(retry_in);
  // A timer that has expired cannot be cancelled any more: its handler may outlive us.
  retry_.async_wait([this, weak = std::weak_ptr(alive_)](const error_code& cancelled) {
    if (!cancelled && !weak.expired()) Connect();
  });
  for (const auto& pending : std::exchange(pending_, {})) {
    pending->deadline.cancel();
    pending->wait.done(Unavailable("ovsdb: connection lost: " + why.message()));
  }
  if (was_ready) events_.lost(why);
}

}  // namespace sluice::ovsdb
