// A connection to a unix socket, blocking.
#pragma once

#include <string>
#include <string_view>

#include "ofctl/base/result.h"

namespace sluice::ctl {

class UnixSocket {
 public:
  // Unavailable, naming the path, if nobody listens there.
  static Result<UnixSocket> Connect(const std::string& path);

  UnixSocket(UnixSocket&& other) noexcept;
  UnixSocket& operator=(UnixSocket&&) = delete;
  ~UnixSocket();

  Status Send(std::string_view bytes);
  // What has come, at least one byte. Unavailable at the end of the stream.
  Result<std::string> Receive();

 private:
  UnixSocket(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  Error Failed(const std::string& what) const;

  int fd_;
  std::string path_;
};

}  // namespace sluice::ctl
