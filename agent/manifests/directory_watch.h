// DirectoryWatch: inotify on one directory, in bursts.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agent/manifests/inotify_changes.h"
#include "ofctl/base/result.h"

namespace sluice::manifests {

// Changes that come together are reported together, a few milliseconds after the first: an editor
// that moves the file away and writes a new one must not be seen between the two. When the
// directory goes, that is reported, and `everything` once it is back.
class DirectoryWatch : public std::enable_shared_from_this<DirectoryWatch> {
 public:
  using OnChanges = std::function<void(const DirectoryChanges&)>;

  DirectoryWatch(boost::asio::io_context& io, std::string directory);
  // Watching from now on; `on_changes` is called until Stop, never from inside Start.
  Status Start(OnChanges on_changes);
  void Stop();

 private:
  Status AddWatch();
  void Read();
  void OnRead(size_t size);
  void Report();
  void AwaitReturn(std::chrono::milliseconds delay);

  boost::asio::posix::stream_descriptor inotify_;
  boost::asio::steady_timer settle_;
  boost::asio::steady_timer retry_;
  std::string directory_;
  OnChanges on_changes_;
  int watch_ = -1;  // -1: the directory is not there
  DirectoryChanges pending_;
  std::array<char, 64 * 1024> buffer_;
};

}  // namespace sluice::manifests
