// JsonRpcSession: one connection to a JSON-RPC 1.0 server over a unix socket, as RFC 7047, 4 uses
// it. Answers the server's echo requests. Not reused after it closed.
#pragma once

#include <rapidjson/document.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agent/ovsdb/json_framer.h"
#include "ofctl/base/result.h"

namespace sluice::ovsdb {

class JsonRpcSession : public std::enable_shared_from_this<JsonRpcSession> {
 public:
  // The value is valid during the call only.
  using Reply = std::function<void(const Result<const rapidjson::Value*>&)>;

  // All are called by the event loop, never inside a call of ours.
  struct Events {
    std::function<void()> connected;
    // An Error closes the connection.
    std::function<Status(const std::string& method, const rapidjson::Value& params)> notified;
    // The last event. Every outstanding Reply gets Unavailable right after it.
    std::function<void(const Error&)> closed;
  };

  struct Server {
    std::string path;
    // A server that leaves a call unanswered for so long is taken for dead.
    std::chrono::milliseconds deadline;
  };

  static std::shared_ptr<JsonRpcSession> Connect(boost::asio::io_context& io, Server server,
                                                 Events events);

  // `params` is JSON text. `reply` gets the result, Refused with the server's error, or Unavailable
  // if the connection gets lost. CHECKs that it is not closed.
  void Call(const std::string& method, const std::string& params, Reply reply);

  // Closes the connection as if `why` had happened to it.
  void Fail(const Error& why);
  // Closes the connection without any event or reply.
  void Abandon();

 private:
  struct Outstanding {
    Reply reply;
    std::chrono::steady_clock::time_point deadline;
  };

  JsonRpcSession(boost::asio::io_context& io, Server server, Events events);

  void Start();
  void Read();
  Status Take(std::string_view bytes);
  Status TakeMessage(std::string text);
  void TakeReply(const rapidjson::Value& message);
  void WatchOldest();
  void Write(std::string text);
  void WriteNext();

  std::string path_;
  std::chrono::milliseconds deadline_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer watchdog_;
  Events events_;
  bool closed_ = false;
  JsonFramer framer_;
  std::array<char, 64 * 1024> input_{};
  std::deque<std::string> output_;  // the first one is being written
  uint64_t next_id_ = 1;
  std::map<uint64_t, Outstanding> outstanding_;
};

}  // namespace sluice::ovsdb
