#include "agent/http/server.h"

#include <glog/logging.h>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <utility>

namespace sluice::http {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kAcceptPause{100};  // after running out of descriptors

std::string AddressOf(const tcp::socket& socket) {
  error_code failed;
  const tcp::endpoint peer = socket.remote_endpoint(failed);
  return failed ? "" : peer.address().to_string();
}

}  // namespace

class Server::State : public std::enable_shared_from_this<State> {
 public:
  State(boost::asio::io_context& io, const Spec& spec, Handler handler)
      : spec_(spec),
        handler_(std::make_shared<const Handler>(std::move(handler))),
        acceptor_(io),
        pause_(io),
        slots_(spec.clients) {}

  Status Listen() {
    error_code failed;
    const auto address = boost::asio::ip::make_address(spec_.address.host.ToString(), failed);
    const tcp::endpoint endpoint(address, spec_.address.port);
    if (!failed) acceptor_.open(endpoint.protocol(), failed);
    if (!failed) acceptor_.set_option(tcp::acceptor::reuse_address(true), failed);
    if (!failed) acceptor_.bind(endpoint, failed);
    if (!failed) acceptor_.listen(tcp::acceptor::max_listen_connections, failed);
    if (failed) {
      return Unavailable("listening on " + spec_.address.ToString() + ": " + failed.message());
    }
    Accept();
    return Ok();
  }

  uint16_t port() const {
    error_code failed;
    const tcp::endpoint endpoint = acceptor_.local_endpoint(failed);
    return failed ? uint16_t{0} : endpoint.port();
  }

  void Stop() {
    stopped_ = true;
    pause_.cancel();
    error_code ignored;
    acceptor_.close(ignored);
    for (const auto& [id, weak] : std::exchange(sessions_, {})) {
      if (const auto session = weak.lock()) session->Close();
    }
  }

 private:
  void Accept() {
    acceptor_.async_accept([weak = weak_from_this()](const error_code& failed, tcp::socket socket) {
      const auto self = weak.lock();
      if (self == nullptr || self->stopped_) return;
      if (failed) return self->AcceptLater(failed);
      self->Serve(std::move(socket));
      self->Accept();
    });
  }

  void AcceptLater(const error_code& why) {
    if (!std::exchange(refused_, true)) {
      LOG(ERROR) << "http: accept on " << spec_.address.ToString() << ": " << why.message();
    }
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([weak = weak_from_this()](const error_code& cancelled) {
      const auto self = weak.lock();
      if (!cancelled && self != nullptr) self->Accept();
    });
  }

  void Serve(tcp::socket socket) {
    refused_ = false;
    const auto admission = slots_.Admit(AddressOf(socket));
    if (!admission) return;
    if (admission->evicted) Evict(*admission->evicted);
    const SlotId id = admission->id;
    const auto session = std::make_shared<Session>(std::move(socket), spec_.session, handler_);
    sessions_.emplace(id, session);
    session->Start({.served =
                        [weak = weak_from_this(), id] {
                          if (const auto self = weak.lock()) self->slots_.Served(id);
                        },
                    .ended =
                        [weak = weak_from_this(), id] {
                          const auto self = weak.lock();
                          if (self == nullptr) return;
                          self->slots_.Release(id);
                          self->sessions_.erase(id);
                        }});
  }

  void Evict(SlotId id) {
    const auto session = sessions_.find(id);
    if (session == sessions_.end()) return;
    if (const auto live = session->second.lock()) live->Close();
  }

  const Spec spec_;
  std::shared_ptr<const Handler> handler_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  ClientSlots slots_;
  std::map<SlotId, std::weak_ptr<Session>> sessions_;
  bool refused_ = false;  // by the kernel, since the last connection
  bool stopped_ = false;
};

Server::Server(boost::asio::io_context& io, const Spec& spec, Handler handler)
    : state_(std::make_shared<State>(io, spec, std::move(handler))) {}

Server::~Server() { state_->Stop(); }

Status Server::Start() { return state_->Listen(); }

uint16_t Server::port() const { return state_->port(); }

}  // namespace sluice::http
