// An agent that gives the answers it was told, one per connection, and keeps the requests.
#pragma once

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cni/protocol.h"

namespace sluice::cni {

class FakeAgent {
 public:
  // The bytes to answer with; none: hang up.
  using Answer = std::function<std::string(const Request&)>;

  static Answer Replies(Response response) {
    return [response](const Request&) { return Frame(EncodeResponse(response)); };
  }
  static Answer HangsUp() {
    return [](const Request&) { return std::string(); };
  }

  FakeAgent(const std::string& path, std::deque<Answer> answers) : answers_(std::move(answers)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
        listen(listener_, 8) == 0) {
      thread_ = std::thread([this] { Serve(); });
    }
  }
  FakeAgent(const FakeAgent&) = delete;
  FakeAgent& operator=(const FakeAgent&) = delete;
  ~FakeAgent() { Stop(); }

  // What was asked so far; stops listening.
  const std::vector<Request>& Stop() {
    if (listener_ >= 0) {
      shutdown(listener_, SHUT_RDWR);
      if (thread_.joinable()) thread_.join();
      close(std::exchange(listener_, -1));
    }
    return requests_;
  }

 private:
  void Serve() {
    while (!answers_.empty()) {
      const int client = accept(listener_, nullptr, nullptr);
      if (client < 0) return;
      ServeOne(client);
      close(client);
    }
  }

  void ServeOne(int client) {
    const std::string header = Receive(client, sizeof(FrameHeader));
    if (header.size() < sizeof(FrameHeader)) return;  // connected, but asked nothing
    FrameHeader bytes;
    std::copy(header.begin(), header.end(), bytes.begin());
    const Result<Request> request = DecodeRequest(Receive(client, FrameLength(bytes).value()));
    if (!request.ok()) return;
    requests_.push_back(*request);
    const std::string answer = answers_.front()(*request);
    answers_.pop_front();
    // After its last answer the agent is down: before the client can notice, and connect again to a
    // socket on which nobody would answer.
    if (answers_.empty()) shutdown(listener_, SHUT_RDWR);
    (void)!send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
  }

  static std::string Receive(int client, size_t length) {
    std::string bytes(length, '\0');
    const ssize_t got = recv(client, bytes.data(), length, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return bytes;
  }

  int listener_ = -1;
  std::deque<Answer> answers_;
  std::vector<Request> requests_;
  std::thread thread_;
};

}  // namespace sluice::cni
