#include "agent/ovsdb/json_rpc_session.h"

#include <glog/logging.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::ovsdb {
namespace {

using boost::system::error_code;
using rapidjson::Value;

std::string ToJson(const Value& value) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  value.Accept(writer);
  return {buffer.GetString(), buffer.GetSize()};
}

const Value* Member(const Value& object, const char* name) {
  const auto found = object.FindMember(name);
  return found == object.MemberEnd() ? nullptr : &found->value;
}

}  // namespace

JsonRpcSession::JsonRpcSession(boost::asio::io_context& io, Server server, Events events)
    : path_(std::move(server.path)),
      deadline_(server.deadline),
      socket_(io),
      watchdog_(io),
      events_(std::move(events)) {}

std::shared_ptr<JsonRpcSession> JsonRpcSession::Connect(boost::asio::io_context& io, Server server,
                                                        Events events) {
  std::shared_ptr<JsonRpcSession> session(
      new JsonRpcSession(io, std::move(server), std::move(events)));
  session->Start();
  return session;
}

void JsonRpcSession::Start() {
  // An overlong path would throw (sockaddr_un(7) has 108 bytes).
  if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
    boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
      self->Fail(Invalid("path is too long for a unix socket"));
    });
    return;
  }
  socket_.async_connect(path_, [self = shared_from_this()](const error_code& failed) {
    if (self->closed_) return;
    if (failed) return self->Fail(Unavailable("connect: " + failed.message()));
    self->Read();
    self->events_.connected();
  });
}

void JsonRpcSession::Read() {
  socket_.async_read_some(boost::asio::buffer(input_),
                          [self = shared_from_this()](const error_code& failed, size_t count) {
                            if (self->closed_) return;
                            if (failed) return self->Fail(Unavailable("read: " + failed.message()));
                            const Status taken = self->Take({self->input_.data(), count});
                            if (self->closed_) return;
                            if (!taken.ok()) return self->Fail(taken.error());
                            self->Read();
                          });
}

Status JsonRpcSession::Take(std::string_view bytes) {
  SLUICE_ASSIGN_OR_RETURN(std::vector<std::string> texts, framer_.Feed(bytes));
  for (std::string& text : texts) {
    SLUICE_RETURN_IF_ERROR(TakeMessage(std::move(text)));
    if (closed_) break;
  }
  return Ok();
}

Status JsonRpcSession::TakeMessage(std::string text) {
  rapidjson::Document message;
  message.Parse(text.data(), text.size());
  if (message.HasParseError() || !message.IsObject()) return Invalid("message is not JSON");
  const Value* method = Member(message, "method");
  if (method == nullptr) {
    TakeReply(message);
    return Ok();
  }
  const Value* params = Member(message, "params");
  if (!method->IsString() || params == nullptr) return Invalid("request without method or params");
  const Value* id = Member(message, "id");
  if (id == nullptr || id->IsNull()) return events_.notified(method->GetString(), *params);
  const bool is_echo = std::string_view(method->GetString()) == "echo";
  const std::string answer = is_echo ? "\"result\":" + ToJson(*params) + ",\"error\":null"
                                     : R"("result":null,"error":"unknown method")";
  Write("{" + answer + ",\"id\":" + ToJson(*id) + "}");
  return Ok();
}

void JsonRpcSession::TakeReply(const Value& message) {
  const Value* id = Member(message, "id");
  if (id == nullptr || !id->IsUint64()) return;
  const auto found = outstanding_.find(id->GetUint64());
  if (found == outstanding_.end()) return;
  const Reply reply = std::move(found->second.reply);
  outstanding_.erase(found);
  WatchOldest();
  const Value* error = Member(message, "error");
  const Value* result = Member(message, "result");
  if (error != nullptr && !error->IsNull()) {
    reply(Refused(ToJson(*error)));
  } else if (result == nullptr) {
    reply(Invalid("reply without a result"));
  } else {
    reply(result);
  }
}

void JsonRpcSession::Call(const std::string& method, const std::string& params, Reply reply) {
  CHECK(!closed_);
  const uint64_t id = next_id_++;
  const auto deadline = std::chrono::steady_clock::now() + deadline_;
  outstanding_.emplace(id, Outstanding{std::move(reply), deadline});
  if (outstanding_.size() == 1) WatchOldest();
  Write("{\"method\":\"" + method + "\",\"params\":" + params + ",\"id\":" + std::to_string(id) +
        "}");
}

// Ids grow, and so do the deadlines: the first one outstanding is the oldest.
void JsonRpcSession::WatchOldest() {
  if (outstanding_.empty()) {
    watchdog_.cancel();
    return;
  }
  watchdog_.expires_at(outstanding_.begin()->second.deadline);
  watchdog_.async_wait([self = shared_from_this()](const error_code& cancelled) {
    if (!cancelled) self->Fail(Timeout("no answer"));
  });
}

void JsonRpcSession::Write(std::string text) {
  output_.push_back(std::move(text));
  if (output_.size() == 1) WriteNext();
}

void JsonRpcSession::WriteNext() {
  boost::asio::async_write(socket_, boost::asio::buffer(output_.front()),
                           [self = shared_from_this()](const error_code& failed, size_t) {
                             if (self->closed_) return;
                             if (failed) {
                               return self->Fail(Unavailable("write: " + failed.message()));
                             }
                             self->output_.pop_front();
                             if (!self->output_.empty()) self->WriteNext();
                           });
}

void JsonRpcSession::Fail(const Error& why) {
  if (closed_) return;
  const auto self = shared_from_this();
  Abandon();
  const Error error = why.Context(path_);
  const auto outstanding = std::exchange(outstanding_, {});
  events_.closed(error);
  for (const auto& [id, call] : outstanding) {
    call.reply(Unavailable("connection lost: " + error.message()));
  }
}

void JsonRpcSession::Abandon() {
  closed_ = true;
  watchdog_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

}  // namespace sluice::ovsdb
