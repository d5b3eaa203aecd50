#include "agent/cni_server/cni_server.h"

#include <glog/logging.h>

#include <algorithm>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <set>
#include <utility>

#include "agent/cni_server/add_handler.h"
#include "agent/cni_server/attachment_queue.h"
#include "agent/cni_server/check_handler.h"
#include "agent/cni_server/del_handler.h"
#include "agent/cni_server/gc_handler.h"
#include "agent/cni_server/listening_socket.h"
#include "agent/cni_server/session.h"
#include "agent/cni_server/status_handler.h"
#include "agent/cni_server/tombstones.h"
#include "cni/tombstone.h"

namespace sluice::cni_server {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kAcceptPause{100};  // after running out of descriptors

TimePoint Now() { return std::chrono::steady_clock::now(); }

std::string ResultOf(const cni::Response& response) {
  return response.ok() ? "ok" : std::string(cni::NameOf(response.error().code()));
}

void LogAnswer(const cni::Request& request, const cni::Response& response) {
  std::string what = "CNI " + std::string(ToString(request.verb)) + " ";
  what += request.container_id.empty() ? request.network : IdOf(request).ToString();
  if (!request.pod.name.empty()) what += " of pod " + PodOf(request).ToString();
  if (response.ok()) {
    LOG(INFO) << what << ": done";
  } else {
    LOG(WARNING) << what << ": " << response.error().message();
  }
}

void LogRemoval(const store::AttachmentId& id, std::string_view why, const Status& removed) {
  if (removed.ok()) {
    LOG(INFO) << "detached " << id.ToString() << ": " << why;
  } else {
    LOG(WARNING) << "detaching " << id.ToString() << " (" << why
                 << "): " << removed.error().message();
  }
}

}  // namespace

class CniServer::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, CniServerSpec spec, AttachSteps& steps)
      : io_(io),
        spec_(std::move(spec)),
        tombstones_(cni::TombstoneDirectory(spec_.socket_path)),
        steps_(steps),
        acceptor_(io),
        pause_(io) {}

  Status Listen() {
    SLUICE_ASSIGN_OR_RETURN(const int fd, OpenListeningSocket(spec_.socket_path));
    error_code error;
    acceptor_.assign(boost::asio::local::stream_protocol(), fd, error);
    if (error) return Internal("listen on " + spec_.socket_path + ": " + error.message());
    Accept();
    return Ok();
  }

  void Stop() {
    stopped_ = true;
    pause_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& weak : std::exchange(sessions_, {})) {
      if (const auto session = weak.lock()) session->Close();
    }
  }

  void HonourTombstones() {
    const Result<std::vector<store::AttachmentId>> ids = ListTombstones(tombstones_);
    if (!ids.ok()) {
      LOG(ERROR) << "tombstones: " << ids.error().message();
      return;
    }
    for (const store::AttachmentId& id : *ids) {
      Remove(id, {.why = "deleted while the agent was down",
                  .is_due = [this, id] { return HasTombstone(tombstones_, id); },
                  .finish =
                      [this, id](Status removed) {
                        return removed.ok() ? RemoveTombstone(tombstones_, id) : removed;
                      }});
    }
  }

  void RemoveLost() {
    for (const store::Endpoint& endpoint : steps_.Endpoints()) {
      const store::AttachmentId id = endpoint.id;
      if (!IsLost(id)) continue;
      Remove(id, {.why = "its link is gone",
                  .is_due = [this, id] { return IsLost(id); },
                  .finish = [](Status removed) { return removed; }});
    }
  }

 private:
  using WeakSession = std::weak_ptr<Session>;

  void Accept() {
    if (stopped_ || accepting_ || clients_ >= spec_.max_clients) return;
    accepting_ = true;
    acceptor_.async_accept(
        [weak = weak_from_this()](const error_code& error, Session::Socket socket) {
          const std::shared_ptr<State> self = weak.lock();
          if (self == nullptr || self->stopped_) return;
          self->accepting_ = false;
          if (error) return self->AcceptLater(error);
          self->Serve(std::move(socket));
          self->Accept();
        });
  }

  void AcceptLater(const error_code& why) {
    LOG(ERROR) << "accept on " << spec_.socket_path << ": " << why.message();
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([weak = weak_from_this()](const error_code& error) {
      const std::shared_ptr<State> self = weak.lock();
      if (!error && self != nullptr) self->Accept();
    });
  }

  void Serve(Session::Socket socket) {
    ++clients_;
    const auto session = std::make_shared<Session>(std::move(socket), [weak = weak_from_this()] {
      const std::shared_ptr<State> self = weak.lock();
      if (self == nullptr) return;
      --self->clients_;
      std::erase_if(self->sessions_, [](const WeakSession& known) { return known.expired(); });
      self->Accept();
    });
    sessions_.insert(session);
    session->Start(
        [weak = weak_from_this()](cni::Request request, std::shared_ptr<Session> client) {
          const std::shared_ptr<State> self = weak.lock();
          if (self != nullptr) self->Enqueue(std::move(request), std::move(client));
        },
        spec_.idle_timeout);
  }

  void Enqueue(cni::Request request, std::shared_ptr<Session> client) {
    if (request.verb == cni::Verb::kStatus) return client->Answer(HandleStatus(steps_));
    milliseconds wait = spec_.add_deadline;
    if (request.deadline > milliseconds(0)) wait = std::min(wait, request.deadline);
    const TimePoint begun = Now();
    const TimePoint deadline = begun + wait;
    const store::AttachmentId id = IdOf(request);
    queue_.Run(id, [self = shared_from_this(), request = std::move(request),
                    client = std::move(client), begun, deadline](AttachmentQueue::JobOver over) {
      self->Handle(request, deadline,
                   [self, request, client, begun, over = std::move(over)](cni::Response response) {
                     LogAnswer(request, response);
                     self->spec_.answered({.verb = std::string(ToString(request.verb)),
                                           .result = ResultOf(response),
                                           .took = Now() - begun});
                     client->Answer(response);
                     boost::asio::post(self->io_, over);
                   });
    });
  }

  void Handle(const cni::Request& request, TimePoint deadline, Reply reply) {
    switch (request.verb) {
      case cni::Verb::kAdd:
        return Add(request, deadline, std::move(reply));
      case cni::Verb::kDel:
        return HandleDel(steps_, IdOf(request), std::move(reply));
      case cni::Verb::kCheck:
        return reply(HandleCheck(steps_, request));
      case cni::Verb::kGc:
        return Collect(request, std::move(reply));
      case cni::Verb::kStatus:
      case cni::Verb::kVersion:
        return reply(Invalid("answered elsewhere"));
    }
  }

  // An attachment made anew has outlived a tombstone of its name.
  void Add(const cni::Request& request, TimePoint deadline, Reply reply) {
    HandleAdd({.steps = steps_, .request = request, .deadline = deadline}, Now,
              [self = shared_from_this(), id = IdOf(request),
               reply = std::move(reply)](cni::Response response) {
                if (response.ok()) (void)RemoveTombstone(self->tombstones_, id);
                reply(std::move(response));
              });
  }

  // What somebody works on was not there, or not yet gone, when the runtime made its list.
  void Collect(const cni::Request& request, Reply reply) {
    std::vector<store::AttachmentId> stale = Stale(steps_.Endpoints(), request);
    std::erase_if(stale, [this](const store::AttachmentId& id) { return queue_.IsBusy(id); });
    const auto collection = std::make_shared<Collection>(stale.size(), std::move(reply));
    for (const store::AttachmentId& id : stale) {
      Remove(id, {.why = "no valid attachment of the runtime any more",
                  .is_due = [] { return true; },
                  .finish =
                      [collection, id](Status removed) {
                        collection->Note(id, removed);
                        return removed;
                      }});
    }
  }

  bool IsLost(const store::AttachmentId& id) const {
    const std::optional<store::Endpoint> endpoint = steps_.Find(id);
    return endpoint && !steps_.HasLink(*endpoint);
  }

  // Of an attachment, by nobody's request.
  struct Removal {
    std::string_view why;  // a literal
    std::function<bool()> is_due;
    std::function<Status(Status)> finish;  // gets the outcome, and what it makes of it is logged
  };

  // It may have to wait behind an ADD: whether it is still due is asked when its turn has come.
  void Remove(const store::AttachmentId& id, Removal removal) {
    queue_.Run(id, [self = shared_from_this(), id,
                    removal = std::move(removal)](AttachmentQueue::JobOver over) {
      if (!removal.is_due()) return over();
      HandleDel(
          self->steps_, id, [self, id, removal, over = std::move(over)](const cni::Response& done) {
            LogRemoval(id, removal.why, removal.finish(done.ok() ? Ok() : Status(done.error())));
            boost::asio::post(self->io_, over);
          });
    });
  }

  boost::asio::io_context& io_;
  const CniServerSpec spec_;
  const std::string tombstones_;
  AttachSteps& steps_;
  boost::asio::local::stream_protocol::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  AttachmentQueue queue_;
  std::set<WeakSession, std::owner_less<WeakSession>> sessions_;
  size_t clients_ = 0;
  bool accepting_ = false;
  bool stopped_ = false;
};

CniServer::CniServer(boost::asio::io_context& io, CniServerSpec spec, AttachSteps& steps)
    : state_(std::make_shared<State>(io, std::move(spec), steps)) {}

CniServer::~CniServer() { state_->Stop(); }

Status CniServer::Start() { return state_->Listen(); }

void CniServer::HonourTombstones() { state_->HonourTombstones(); }

void CniServer::RemoveLost() { state_->RemoveLost(); }

}  // namespace sluice::cni_server
