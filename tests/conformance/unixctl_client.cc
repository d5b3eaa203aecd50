#include "tests/conformance/unixctl_client.h"

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sluice::conformance {
namespace {

// So that the daemon never waits for the next question, and neither side fills a socket buffer.
constexpr uint64_t kUnderWay = 16;
constexpr timeval kPatience{.tv_sec = 20, .tv_usec = 0};

Error Failed(const std::string& what) { return Unavailable(what + ": " + std::strerror(errno)); }

std::string Request(uint64_t id, const std::string& method,
                    const std::vector<std::string>& parameters) {
  rapidjson::StringBuffer text;
  rapidjson::Writer<rapidjson::StringBuffer> writer(text);
  writer.StartObject();
  writer.Key("id");
  writer.Uint64(id);
  writer.Key("method");
  writer.String(method.c_str());
  writer.Key("params");
  writer.StartArray();
  for (const std::string& parameter : parameters) writer.String(parameter.c_str());
  writer.EndArray();
  writer.EndObject();
  return text.GetString();
}

// The socket as RapidJSON's input stream: replies have no length and follow each other directly, so
// the parser itself finds where one ends. '\0' when nothing more comes.
class SocketStream {
 public:
  using Ch = char;
  struct Buffer {
    std::string& bytes;
    size_t& at;
  };
  SocketStream(int socket, const Buffer& buffer) : socket_(socket), buffer_(buffer) {}

  Ch Peek() { return Fill() ? buffer_.bytes[buffer_.at] : '\0'; }
  Ch Take() { return Fill() ? buffer_.bytes[buffer_.at++] : '\0'; }
  size_t Tell() const { return buffer_.at; }
  // Of output streams only.
  Ch* PutBegin() { return nullptr; }
  void Put(Ch) {}
  void Flush() {}
  size_t PutEnd(Ch*) { return 0; }

  // errno of the failed read, 0 for an end; meaningful after a parse error.
  int failure() const { return failure_; }

 private:
  bool Fill() {
    if (buffer_.at < buffer_.bytes.size()) return true;
    buffer_.bytes.resize(kChunk);
    buffer_.at = 0;
    ssize_t count = 0;
    do {
      count = recv(socket_, buffer_.bytes.data(), kChunk, 0);
    } while (count < 0 && errno == EINTR);
    failure_ = count < 0 ? errno : 0;
    buffer_.bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return count > 0;
  }

  static constexpr size_t kChunk = 65536;
  int socket_;
  Buffer buffer_;
  int failure_ = 0;
};

Result<std::string> ReadReply(const rapidjson::Document& reply, uint64_t id) {
  if (!reply.IsObject() || !reply.HasMember("id") || !reply["id"].IsUint64() ||
      reply["id"].GetUint64() != id) {
    return Invalid("not the answer to question " + std::to_string(id));
  }
  if (reply.HasMember("error") && reply["error"].IsString()) {
    return Refused(reply["error"].GetString());
  }
  if (!reply.HasMember("result") || !reply["result"].IsString()) {
    return Invalid("an answer without a result");
  }
  return std::string(reply["result"].GetString(), reply["result"].GetStringLength());
}

}  // namespace

UnixctlClient::~UnixctlClient() {
  if (socket_ >= 0) close(socket_);
}

Status UnixctlClient::Connect(const std::string& socket_path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_path.size() >= sizeof address.sun_path) return Invalid(socket_path + " is too long");
  socket_path.copy(address.sun_path, socket_path.size());
  socket_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket_ < 0) return Failed("socket");
  if (setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience) != 0 ||
      setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience) != 0) {
    return Failed("setsockopt");
  }
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return Failed("connecting to " + socket_path);
  }
  return Ok();
}

Result<std::vector<std::string>> UnixctlClient::Call(const std::vector<UnixctlCall>& calls) {
  std::vector<std::string> results;
  size_t asked = 0;
  while (results.size() < calls.size()) {
    while (asked < calls.size() && sent_ - received_ < kUnderWay) {
      SLUICE_RETURN_IF_ERROR(Send(calls[asked++]));
    }
    auto result = Receive();
    if (!result.ok()) return result.error().Context(calls[results.size()].method);
    results.push_back(std::move(result).value());
  }
  return results;
}

Status UnixctlClient::Send(const UnixctlCall& call) {
  const std::string request = Request(++sent_, call.method, call.parameters);
  for (size_t done = 0; done < request.size();) {
    const ssize_t count = send(socket_, request.data() + done, request.size() - done, MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Failed("asking the switch");
    done += static_cast<size_t>(count);
  }
  return Ok();
}

Result<std::string> UnixctlClient::Receive() {
  SocketStream stream(socket_, {buffered_, buffered_at_});
  rapidjson::Document reply;
  reply.ParseStream<rapidjson::kParseStopWhenDoneFlag | rapidjson::kParseIterativeFlag>(stream);
  if (reply.HasParseError()) {
    errno = stream.failure();
    return Failed("the switch's answer is cut off or no JSON");
  }
  return ReadReply(reply, ++received_);
}

}  // namespace sluice::conformance
