#include "tests/bench/raw_switch.h"

#include <glog/logging.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>

#include "ofctl/flow_diff.h"

namespace sluice::bench {
namespace {

using ofctl::BundleStep;
using ofctl::Message;
using ofctl::Xid;

// Of struct ofp_header and of a multipart reply (OpenFlow 1.5, 7.1 and 7.3.5).
constexpr size_t kTypeAt = 1;
constexpr size_t kMultipartFlagsAt = 10;
constexpr uint8_t kMultipartReply = 19;
constexpr uint8_t kMoreToCome = 1;
constexpr Xid kXid{1};
constexpr size_t kPiece = 1 << 20;

// 0 on success.
int Connect(int fd, const std::string& socket_path) {
  PCHECK(fd >= 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  CHECK_LT(socket_path.size(), sizeof address.sun_path);
  socket_path.copy(address.sun_path, socket_path.size());
  return connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

int NewSocket() { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

}  // namespace

EncodedBundle Encoded(const ofctl::FlowMap& flows) {
  const ofctl::BundleContent content{
      std::make_shared<const ofctl::FlowDelta>(ofctl::Diff(flows, {})), {}};
  const ofctl::BundleId bundle{1};
  ofctl::BundleEncoder encoder(content, {bundle, kXid});
  std::vector<ofctl::Refusal> refusals;
  Message stream;
  while (!encoder.done()) {
    const Message piece = encoder.Next(kPiece, refusals);
    stream.insert(stream.end(), piece.begin(), piece.end());
  }
  CHECK(refusals.empty()) << refusals.front().why;
  return {bundle, std::move(stream),
          ofctl::EncodeBundleControl(encoder.xids().commit(), bundle, BundleStep::kCommit)};
}

bool RawSwitch::Listens(const std::string& socket_path) {
  const int fd = NewSocket();
  const bool connected = Connect(fd, socket_path) == 0;
  close(fd);
  return connected;
}

RawSwitch::RawSwitch(const std::string& socket_path) : fd_(NewSocket()) {
  PCHECK(Connect(fd_, socket_path) == 0) << socket_path;
  Send(ofctl::EncodeHello(kXid));
  Next();
}

RawSwitch::~RawSwitch() { close(fd_); }

void RawSwitch::Send(const Message& bytes) {
  for (size_t sent = 0; sent < bytes.size();) {
    const ssize_t more = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    PCHECK(more > 0);
    sent += static_cast<size_t>(more);
  }
}

Message RawSwitch::Next() {
  static std::array<uint8_t, 65536> input;
  while (true) {
    Result<std::optional<Message>> message = framer_.Next();
    CHECK(message.ok()) << message.error().message();
    if (message->has_value()) return **std::move(message);
    const ssize_t size = read(fd_, input.data(), input.size());
    PCHECK(size > 0);
    framer_.Append(std::span(input).first(static_cast<size_t>(size)));
  }
}

void RawSwitch::Await(BundleStep step) {
  while (true) {
    const Result<ofctl::Received> received = ofctl::Decode(Next());
    CHECK(received.ok()) << received.error().message();
    if (const auto* error = std::get_if<ofctl::SwitchError>(&*received)) LOG(FATAL) << error->text;
    const auto* reply = std::get_if<ofctl::BundleReply>(&*received);
    if (reply != nullptr && reply->step == step) return;  // the one before it was OPEN's
  }
}

void RawSwitch::Install(const EncodedBundle& bundle) {
  Send(bundle.stream);
  Await(BundleStep::kClose);
  Send(bundle.commit);
  Await(BundleStep::kCommit);
}

size_t RawSwitch::Dump() {
  Send(ofctl::EncodeFlowStatsRequest(kXid));
  size_t bytes = 0;
  while (true) {
    const Message message = Next();
    CHECK_EQ(message[kTypeAt], kMultipartReply);
    bytes += message.size();
    if ((message[kMultipartFlagsAt + 1] & kMoreToCome) == 0) return bytes;
  }
}

}  // namespace sluice::bench
