#include "agent/ovsdb/ovsdb_client.h"

#include <boost/asio/post.hpp>
#include <utility>

namespace sluice::ovsdb {
namespace {

// Why ovs-vswitchd has no port for the row; absent: it has, or has not tried yet.
std::optional<Error> Failure(const DeviceRow& device) {
  const bool failed = device.ofport.has_value() && *device.ofport < 0;
  if (!failed && device.error.empty()) return std::nullopt;
  return Refused(device.error.empty() ? "ovs-vswitchd could not open the device" : device.error);
}

std::optional<Status> Applied(const Replica& replica, int64_t next_cfg) {
  const auto root = replica.root();
  if (!root || root->cur_cfg < next_cfg) return std::nullopt;
  return Ok();
}

std::optional<Status> GatewayOutcome(const Replica& replica, const BridgeSpec& spec) {
  const auto bridge = replica.FindBridge(spec.name);
  const auto gateway = bridge ? replica.FindDevice(*bridge->row, spec.gateway.name) : std::nullopt;
  if (!gateway) return Refused("gateway port " + spec.gateway.name + ": row removed by another");
  if (const auto failure = Failure(*gateway->row)) {
    return failure->Context("gateway port " + spec.gateway.name);
  }
  if (!gateway->row->ofport) return std::nullopt;
  if (*gateway->row->ofport != spec.gateway.ofport.value) {
    return Refused("gateway port " + spec.gateway.name + ": ofport " +
                   std::to_string(*gateway->row->ofport) + " instead of " +
                   std::to_string(spec.gateway.ofport.value));
  }
  return Ok();
}

}  // namespace

OvsdbClient::OvsdbClient(boost::asio::io_context& io, Config config, Listener& listener)
    : io_(io),
      config_(std::move(config)),
      listener_(listener),
      database_(io,
                {.socket_path = config_.socket_path,
                 .deadline = config_.deadline,
                 .backoff = config_.backoff},
                {.ready = [this] { ReportAll(); },
                 .changed = [this] { ReportChanges(); },
                 .lost = [this](const Error& why) { listener_.OnDisconnected(why); }}) {}

void OvsdbClient::Start() { database_.Start(); }

void OvsdbClient::Post(std::function<void()> call) {
  boost::asio::post(io_, [weak = std::weak_ptr(alive_), call = std::move(call)] {
    if (!weak.expired()) call();
  });
}

void OvsdbClient::Enqueue(const std::string& name, Operation operation) {
  auto& queue = operations_[name];
  queue.push_back(std::move(operation));
  if (queue.size() == 1) RunFirst(name);
}

void OvsdbClient::RunFirst(const std::string& name) {
  const Operation operation = operations_[name].front();
  operation([this, name] {
    // Posted: an operation that fails at once would otherwise recurse through the whole queue.
    Post([this, name] {
      auto& queue = operations_[name];
      queue.pop_front();
      if (queue.empty()) {
        operations_.erase(name);
      } else {
        RunFirst(name);
      }
    });
  });
}

void OvsdbClient::EnsureBridge(const BridgeSpec& spec, Done done) {
  Enqueue(spec.name, [this, spec, done = std::move(done)](std::function<void()> next) {
    Correct(spec, [this, spec, done, next = std::move(next)](const Status& status) {
      next();
      Post([spec, done, status] {
        done(status.ok() ? status : status.error().Context("bridge " + spec.name));
      });
    });
  });
}

void OvsdbClient::AddPort(const std::string& ifname, const store::ExternalIds& ids, PortDone done) {
  const PortSpec spec{.ifname = ifname, .type = config_.port_type, .external_ids = ids};
  Enqueue(ifname, [this, spec, done = std::move(done)](std::function<void()> next) {
    Add(spec, [this, spec, done, next = std::move(next)](const Result<OfPort>& port) {
      next();
      Post([spec, done, port] {
        done(port.ok() ? port : port.error().Context("add port " + spec.ifname));
      });
    });
  });
}

void OvsdbClient::DeletePort(const std::string& ifname, Done done) {
  Enqueue(ifname, [this, ifname, done = std::move(done)](std::function<void()> next) {
    Remove(ifname, [this, ifname, done, next = std::move(next)](const Status& status) {
      next();
      Post([ifname, done, status] {
        done(status.ok() ? status : status.error().Context("delete port " + ifname));
      });
    });
  });
}

void OvsdbClient::Correct(const BridgeSpec& spec, const Done& done) {
  const Status ready = database_.Readiness();
  if (!ready.ok()) return done(ready);
  Transaction corrections = BridgeCorrections(database_.replica(), spec);
  if (corrections.empty()) {
    return AwaitBridge(spec, database_.replica().root()->next_cfg, done);
  }
  database_.Transact(std::move(corrections),
                     [this, spec, done](const Result<TransactionReply>& reply) {
                       if (!reply.ok()) return done(reply.error());
                       AwaitBridge(spec, reply->next_cfg, done);
                     });
}

void OvsdbClient::AwaitBridge(const BridgeSpec& spec, int64_t next_cfg, const Done& done) {
  database_.WaitFor({.what = "bridge with its gateway port",
                     .outcome =
                         [spec, next_cfg](const Replica& replica) {
                           const auto applied = Applied(replica, next_cfg);
                           return applied ? GatewayOutcome(replica, spec) : applied;
                         },
                     .done = done});
}

void OvsdbClient::Add(const PortSpec& spec, const PortDone& done) {
  const Status ready = database_.Readiness();
  if (!ready.ok()) return done(ready.error());
  const auto bridge = database_.replica().FindBridge(config_.bridge);
  if (!bridge) return done(Unavailable("no bridge " + config_.bridge + " (yet)"));
  const auto device = database_.replica().FindDevice(*bridge->row, spec.ifname);
  if (!device) return Insert(spec, done);
  const bool equal = device->row->external_ids == spec.external_ids &&
                     device->row->type == spec.type && !Failure(*device->row);
  if (!equal) return Replace(spec, done);
  AwaitOfport(spec.ifname, device->uuid, done);
}

void OvsdbClient::Replace(const PortSpec& spec, const PortDone& done) {
  const auto add = [this, spec, done](const Status& applied) {
    if (!applied.ok()) return done(applied.error());
    Insert(spec, done);
  };
  // In one transaction ovs-vswitchd would keep the old device open.
  Remove(spec.ifname, [this, done, add](const Status& removed) {
    if (!removed.ok()) return done(removed.error());
    const auto root = database_.replica().root();
    AwaitApplied(root ? root->next_cfg : 0, add);
  });
}

void OvsdbClient::Insert(const PortSpec& spec, const PortDone& done) {
  const auto bridge = database_.replica().FindBridge(config_.bridge);
  if (!bridge) return done(Unavailable("no bridge " + config_.bridge + " (yet)"));
  database_.Transact(AddPortTransaction(bridge->uuid, spec),
                     [this, spec, done](const Result<TransactionReply>& reply) {
                       if (!reply.ok()) return done(reply.error());
                       AwaitOfport(spec.ifname, reply->inserted[0], done);
                     });
}

void OvsdbClient::AwaitOfport(const std::string& ifname, const Uuid& uuid, const PortDone& done) {
  const auto outcome = [uuid](const Replica& replica) -> std::optional<Status> {
    const DeviceRow* device = replica.Device(uuid);
    if (device == nullptr) return std::nullopt;
    if (const auto failure = Failure(*device)) return *failure;
    return ToInterfaceRow(*device).ofport ? std::optional(Ok()) : std::nullopt;
  };
  const auto finish = [this, ifname, uuid, done](const Status& status) {
    if (status.ok()) return done(*ToInterfaceRow(*database_.replica().Device(uuid)).ofport);
    if (status.error().code() == ErrorCode::kUnavailable) return done(status.error());
    // Nobody waits for it any more; left behind, it would come up when nobody expects it.
    Remove(ifname, [done, why = status.error()](const Status&) { done(why); });
  };
  database_.WaitFor({.what = "ofport", .outcome = outcome, .done = finish});
}

void OvsdbClient::Remove(const std::string& ifname, const Done& done) {
  const Status ready = database_.Readiness();
  if (!ready.ok()) return done(ready);
  const auto bridge = database_.replica().FindBridge(config_.bridge);
  const auto port = bridge ? database_.replica().FindPort(*bridge->row, ifname) : std::nullopt;
  if (!port) return done(Ok());
  database_.Transact(DeletePortTransaction({.bridge = bridge->uuid, .port = port->uuid}),
                     [done](const Result<TransactionReply>& reply) {
                       done(reply.ok() ? Ok() : Status(reply.error()));
                     });
}

void OvsdbClient::AwaitApplied(int64_t next_cfg, const Done& done) {
  database_.WaitFor(
      {.what = "applied configuration",
       .outcome = [next_cfg](const Replica& replica) { return Applied(replica, next_cfg); },
       .done = done});
}

void OvsdbClient::ReportAll() {
  reported_ = database_.replica().InterfacesOf(config_.bridge);
  std::vector<InterfaceRow> rows;
  for (const auto& [name, row] : reported_) rows.push_back(row);
  listener_.OnSnapshot(rows);
}

void OvsdbClient::ReportChanges() {
  auto now = database_.replica().InterfacesOf(config_.bridge);
  const auto before = std::exchange(reported_, now);
  for (const auto& [name, row] : before) {
    if (!now.contains(name)) listener_.OnInterfaceGone(name);
  }
  for (const auto& [name, row] : now) {
    const auto old = before.find(name);
    if (old == before.end() || !(old->second == row)) listener_.OnInterface(row);
  }
}

}  // namespace sluice::ovsdb
