#include "agent/kube/api_client.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "agent/kube/tls_context.h"

namespace sluice::kube {

ApiClient::ApiClient(boost::asio::io_context& io, ClusterAccess access)
    : io_(io), access_(std::move(access)) {}

void ApiClient::Get(std::string target, Patience patience, const AnswerEvents& events) {
  Ask({std::move(target), {}, patience}, events);
}

void ApiClient::Post(std::string target, std::string json, const AnswerEvents& events) {
  Ask({std::move(target), {}, Patience(), std::move(json)}, events);
}

void ApiClient::Ask(ApiConnection::Get get, const AnswerEvents& events) {
  if (connection_ && !connection_->idle()) Cancel();
  if (const Status prepared = Prepare(get); !prepared.ok())
    return FailLater(events, prepared.error());
  Send(get, events, Connection::kAny);
}

// Unavailable, not Invalid: it is not the server's answer that makes no sense, and files get
// mended.
void ApiClient::FailLater(const AnswerEvents& events, const Error& why) {
  boost::asio::post(io_, [weak = weak_from_this(), number = ++latest_, failed = events.failed,
                          error = Unavailable(why.message())] {
    const auto self = weak.lock();
    if (self && self->latest_ == number) failed(error);
  });
}

// The token as it is now, and a connection made with the certificates as they are now.
Status ApiClient::Prepare(ApiConnection::Get& get) {
  SLUICE_ASSIGN_OR_RETURN(Credentials credentials, LoadCredentials(access_));
  get.token = std::move(credentials.token);
  if (connection_ && material_ == credentials.tls) return Ok();
  Cancel();
  material_ = std::move(credentials.tls);
  return Ok();
}

void ApiClient::Send(const ApiConnection::Get& get, const AnswerEvents& events, Connection wanted) {
  if (wanted == Connection::kFresh || !connection_) {
    auto tls = MakeTlsContext(material_);
    if (!tls.ok()) return FailLater(events, tls.error());
    connection_ =
        ApiConnection::Create(io_, {access_.server, access_.server_name(), *std::move(tls)});
  }
  AnswerEvents with_retry = events;
  with_retry.failed = [weak = weak_from_this(), get, events](const Error& error) {
    const auto self = weak.lock();
    if (!self) return;
    const bool stale = self->connection_ && self->connection_->stale();
    self->connection_.reset();
    if (stale) {
      self->Send(get, events, Connection::kFresh);
    } else {
      events.failed(error);
    }
  };
  connection_->Send(get, std::move(with_retry));
}

void ApiClient::Cancel() {
  ++latest_;
  if (connection_) connection_->Close();
  connection_.reset();
}

}  // namespace sluice::kube
