#include "ofctl/ovs_bridge.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/post.hpp>

namespace sluice::ofctl {
namespace {

// Of a bundle. While the switch reads one, the next one waits for room in the socket and the one
// after that is encoded. With its last message it stays below the 64 KiB that Asio writes at once:
// a tail would be a write of its own.
constexpr size_t kPiece = 60 * 1024;

// Keys of hidden flows that meet a key of ours hide it: the diff must find them different.
void Add(ObservedFlow observed, FlowMap& flows) {
  if (observed.raw) {
    flows.insert_or_assign(std::move(observed.flow.key), std::move(observed.flow.body));
  } else {
    flows.emplace(std::move(observed.flow.key), std::move(observed.flow.body));
  }
}

Error NotConnected() { return Unavailable("no OpenFlow connection to the switch"); }

}  // namespace

struct OvsBridge::PendingDump {
  PendingDump(boost::asio::io_context& io, Xid of, DumpCallback callback)
      : xid(of), done(std::move(callback)), deadline(io) {}

  Xid xid;
  DumpCallback done;
  boost::asio::steady_timer deadline;
  FlowMap flows;
  HiddenFlows hidden;
};

struct OvsBridge::PendingCommit {
  PendingCommit(boost::asio::io_context& io, BundleContent what, BundleEncoder::Spec spec,
                CommitCallback callback)
      : content(std::move(what)),
        bundle(spec.bundle),
        encoder(content, spec),
        exchange(encoder.xids()),
        done(std::move(callback)),
        deadline(io) {}

  BundleContent content;
  BundleId bundle;
  BundleEncoder encoder;
  BundleExchange exchange;
  CommitCallback done;
  boost::asio::steady_timer deadline;
};

OvsBridge::OvsBridge(boost::asio::io_context& io, Spec spec, Listener& listener)
    : io_(io),
      spec_(std::move(spec)),
      listener_(listener),
      connection_(std::make_shared<Connection>(io, spec_.connection,
                                               static_cast<Connection::Handler&>(*this))) {}

OvsBridge::~OvsBridge() { connection_->Stop(); }

void OvsBridge::Start() { connection_->Start(); }

void OvsBridge::Stop() {
  connection_->Stop();
  OnDown(Unavailable("the OpenFlow connection was stopped"));
}

Xid OvsBridge::TakeXids(uint32_t count) {
  const Xid first{next_xid_};
  next_xid_ += count;
  return first;
}

void OvsBridge::Post(std::function<void()> callback) {
  boost::asio::post(io_, [alive = std::weak_ptr(alive_), callback = std::move(callback)] {
    if (!alive.expired()) callback();
  });
}

void OvsBridge::Expect(boost::asio::steady_timer& timer, Connection::Duration wait,
                       std::function<void()> too_late) {
  timer.expires_after(wait);
  timer.async_wait([alive = std::weak_ptr(alive_),
                    too_late = std::move(too_late)](const boost::system::error_code& error) {
    if (!error && !alive.expired()) too_late();
  });
}

void OvsBridge::OnUp() {
  watch_ = Watch::kInstalling;
  monitor_xid_ = TakeXids(1);
  barrier_xid_ = TakeXids(1);
  connection_->Send(EncodeFlowMonitorRequest(monitor_xid_));
  connection_->Send(EncodeBarrierRequest(barrier_xid_));
}

void OvsBridge::OnDown(const Error& why) {
  const bool told = watch_ == Watch::kInPlace;
  watch_ = Watch::kNone;
  hidden_.clear();
  while (!dumps_.empty()) EndDump(dumps_.back()->xid, why.Context("dump"));
  EndCommit(CommitError{why.Context("commit"), {}});
  if (told) Post([this, why] { listener_.OnDisconnected(why); });
}

void OvsBridge::OnReceived(Received message) {
  if (auto* barrier = std::get_if<BarrierReply>(&message)) return Receive(*barrier);
  if (auto* error = std::get_if<SwitchError>(&message)) return Receive(*error);
  if (auto* bundle = std::get_if<BundleReply>(&message)) return Receive(*bundle);
  if (auto* stats = std::get_if<FlowStats>(&message)) return Receive(std::move(*stats));
  if (auto* updates = std::get_if<FlowUpdates>(&message)) return Receive(std::move(*updates));
}

void OvsBridge::Receive(BarrierReply reply) {
  if (watch_ != Watch::kInstalling || reply.xid != barrier_xid_) return;
  watch_ = Watch::kInPlace;
  Post([this] { listener_.OnConnected(); });
}

void OvsBridge::Receive(const SwitchError& error) {
  if (error.xid == monitor_xid_) {
    return connection_->Drop(
        Refused("flow monitor on " + spec_.connection.socket_path + ": " + error.text));
  }
  const auto dump = std::find_if(dumps_.begin(), dumps_.end(), [&error](const auto& pending) {
    return pending->xid == error.xid;
  });
  if (dump != dumps_.end()) return EndDump(error.xid, Refused("dump: " + error.text));
  if (commit_ == nullptr) return;
  const std::optional<uint32_t> index = commit_->encoder.xids().IndexOf(error.xid);
  const std::optional<FlowKey> key = index ? commit_->encoder.KeyOf(*index) : std::nullopt;
  Follow(commit_->exchange.OnError(error, key));
}

void OvsBridge::Receive(const BundleReply& reply) {
  if (commit_ == nullptr || reply.bundle != commit_->bundle) return;
  Follow(commit_->exchange.OnReply(reply.step));
}

void OvsBridge::Receive(FlowStats stats) {
  const auto dump = std::find_if(dumps_.begin(), dumps_.end(), [&stats](const auto& pending) {
    return pending->xid == stats.xid;
  });
  if (dump == dumps_.end()) return;
  PendingDump& pending = **dump;
  for (ObservedFlow& observed : stats.flows) {
    if (observed.raw) pending.hidden[observed.flow.key].push_back(*observed.raw);
    Add(std::move(observed), pending.flows);
  }
  if (stats.more == FlowStats::More::kYes) return;
  hidden_ = std::move(pending.hidden);
  EndDump(stats.xid, std::move(pending.flows));
}

void OvsBridge::Receive(FlowUpdates updates) {
  if (watch_ != Watch::kInPlace) return;
  for (FlowChange& change : updates.changes) {
    ObservedFlow& observed = change.flow;
    ForeignChange foreign{observed.flow.key, std::nullopt};
    if (change.kind == FlowChange::Kind::kSet) {
      if (observed.raw) hidden_[observed.flow.key].push_back(std::move(*observed.raw));
      foreign.body = std::move(observed.flow.body);
    }
    Post([this, foreign = std::move(foreign)] { listener_.OnForeignChange(foreign); });
  }
}

void OvsBridge::Dump(DumpCallback done) {
  if (watch_ != Watch::kInPlace) {
    return Post([done = std::move(done)] { done(NotConnected().Context("dump")); });
  }
  const Xid xid = TakeXids(1);
  dumps_.push_back(std::make_unique<PendingDump>(io_, xid, std::move(done)));
  Expect(dumps_.back()->deadline, spec_.dump_deadline, [this, xid] {
    const Error late = Timeout("no dump from the switch within " +
                               std::to_string(spec_.dump_deadline.count()) + " ms");
    EndDump(xid, late);
    connection_->Drop(late);
  });
  connection_->Send(EncodeFlowStatsRequest(xid));
}

void OvsBridge::EndDump(Xid xid, Result<FlowMap> result) {
  const auto dump = std::find_if(dumps_.begin(), dumps_.end(),
                                 [xid](const auto& pending) { return pending->xid == xid; });
  if (dump == dumps_.end()) return;
  // Shared: std::function wants copies, and the map must not be copied.
  auto shared = std::make_shared<Result<FlowMap>>(std::move(result));
  Post([done = std::move((*dump)->done), shared] { done(std::move(*shared)); });
  dumps_.erase(dump);
}

void OvsBridge::Commit(SharedDelta delta, CommitCallback done) {
  CHECK(commit_ == nullptr) << "two commits at a time";
  if (watch_ != Watch::kInPlace) {
    return Post([done = std::move(done)] {
      done(CommitError{NotConnected().Context("commit"), {}});
    });
  }
  std::vector<RawFlow> hidden = HiddenUnder(*delta);
  BundleContent content{std::move(delta), std::move(hidden)};
  const Xid first = TakeXids(BundleXids::CountFor(content));
  commit_ = std::make_unique<PendingCommit>(
      io_, std::move(content), BundleEncoder::Spec{{next_bundle_++}, first}, std::move(done));
  Expect(commit_->deadline, spec_.commit_deadline, [this] {
    const Error late = Timeout("the switch did not answer a commit within " +
                               std::to_string(spec_.commit_deadline.count()) + " ms");
    EndCommit(CommitError{late, {}});
    connection_->Drop(late);
  });
  SendCommit();
  SendCommit();
}

void OvsBridge::SendCommit() {
  if (commit_ == nullptr || commit_->encoder.done()) return;
  std::vector<Refusal> refusals;
  connection_->Send(commit_->encoder.Next(kPiece, refusals));
  for (Refusal& refusal : refusals) commit_->exchange.OnRefusal(std::move(refusal));
}

void OvsBridge::Follow(BundleDecision decision) {
  const BundleXids xids = commit_->encoder.xids();
  switch (decision) {
    case BundleDecision::kWait:
      return;
    case BundleDecision::kCommit:
      return connection_->Send(
          EncodeBundleControl(xids.commit(), commit_->bundle, BundleStep::kCommit));
    case BundleDecision::kDiscard:
      return connection_->Send(
          EncodeBundleControl(xids.discard(), commit_->bundle, BundleStep::kDiscard));
    case BundleDecision::kSucceeded:
      ForgetHidden(commit_->content);
      return EndCommit(std::nullopt);
    case BundleDecision::kFailed:
      return EndCommit(commit_->exchange.Failure());
  }
}

void OvsBridge::EndCommit(std::optional<CommitError> error) {
  if (commit_ == nullptr) return;
  const std::unique_ptr<PendingCommit> ended = std::move(commit_);
  Post([done = std::move(ended->done), error = std::move(error)] { done(error); });
}

std::vector<RawFlow> OvsBridge::HiddenUnder(const FlowDelta& delta) const {
  std::vector<RawFlow> flows;
  if (hidden_.empty()) return flows;
  const auto take = [this, &flows](const FlowKey& key) {
    const auto found = hidden_.find(key);
    if (found == hidden_.end()) return;
    flows.insert(flows.end(), found->second.begin(), found->second.end());
  };
  for (const FlowKey& key : delta.remove) take(key);
  for (const Flow& flow : delta.set) take(flow.key);
  return flows;
}

void OvsBridge::ForgetHidden(const BundleContent& deleted) {
  if (deleted.hidden.empty()) return;
  // One of the same key may have come since: it stays.
  const auto gone = [&deleted](const RawFlow& flow) {
    return std::find(deleted.hidden.begin(), deleted.hidden.end(), flow) != deleted.hidden.end();
  };
  for (auto entry = hidden_.begin(); entry != hidden_.end();) {
    std::erase_if(entry->second, gone);
    entry = entry->second.empty() ? hidden_.erase(entry) : std::next(entry);
  }
}

}  // namespace sluice::ofctl
