// One connection of a plugin: reads one request, writes one answer.
#pragma once

#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "cni/protocol.h"

namespace sluice::cni_server {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Socket = boost::asio::local::stream_protocol::socket;
  // Gets the request, and the session to answer it by.
  using OnRequest = std::function<void(cni::Request, std::shared_ptr<Session>)>;

  // `closed` is called when the session is destroyed.
  Session(Socket socket, std::function<void()> closed);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // A malformed request is answered here; silence for `idle` ends the session.
  void Start(OnRequest on_request, std::chrono::milliseconds idle);
  // Once; does nothing but close if the client has gone.
  void Answer(const cni::Response& response);
  // Ends every operation under way.
  void Close();

 private:
  void ReadBody();
  void Decode();

  Socket socket_;
  boost::asio::steady_timer idle_;
  std::function<void()> closed_;
  OnRequest on_request_;
  cni::FrameHeader header_{};
  std::string body_;
  std::string answer_;
};

}  // namespace sluice::cni_server
