// Server: a small HTTP server for probes and scrapes. Its cost is bounded whatever clients do:
// connections by ClientSlots, the size of a request, the time it may take and the pace of answers
// by Session.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>

#include "agent/http/answer.h"
#include "agent/http/client_slots.h"
#include "agent/http/listen_address.h"
#include "agent/http/session.h"
#include "ofctl/base/result.h"

namespace sluice::http {

class Server {
 public:
  struct Spec {
    ListenAddress address;
    ClientSlots::Limits clients;
    Session::Limits session;
  };

  // `handler` is called on `io`, until the server is destroyed.
  Server(boost::asio::io_context& io, const Spec& spec, Handler handler);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Closes every connection.
  ~Server();

  // Error: the address cannot be bound.
  Status Start();
  // Where it listens; what the system chose, if the port of Spec is 0.
  uint16_t port() const;

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace sluice::http
