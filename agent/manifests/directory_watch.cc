#include "agent/manifests/directory_watch.h"

#include <sys/inotify.h>

#include <boost/asio/buffer.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace sluice::manifests {
namespace {

using boost::system::error_code;
using std::chrono::milliseconds;

constexpr milliseconds kSettle{5};
constexpr milliseconds kRetry{100};

}  // namespace

DirectoryWatch::DirectoryWatch(boost::asio::io_context& io, std::string directory)
    : inotify_(io), settle_(io), retry_(io), directory_(std::move(directory)) {}

Status DirectoryWatch::Start(OnChanges on_changes) {
  const int fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (fd < 0) return Unavailable(std::string("inotify_init1: ") + std::strerror(errno));
  inotify_.assign(fd);
  SLUICE_RETURN_IF_ERROR(AddWatch());
  on_changes_ = std::move(on_changes);
  Read();
  return Ok();
}

void DirectoryWatch::Stop() {
  error_code ignored;
  inotify_.close(ignored);
  settle_.cancel();
  retry_.cancel();
  on_changes_ = nullptr;
}

Status DirectoryWatch::AddWatch() {
  const int watch = inotify_add_watch(inotify_.native_handle(), directory_.c_str(), InotifyMask());
  if (watch < 0) return Unavailable("cannot watch " + directory_ + ": " + std::strerror(errno));
  watch_ = watch;
  return Ok();
}

void DirectoryWatch::Read() {
  inotify_.async_read_some(boost::asio::buffer(buffer_),
                           [self = shared_from_this()](const error_code& error, size_t size) {
                             if (!error && self->on_changes_) self->OnRead(size);
                           });
}

void DirectoryWatch::OnRead(size_t size) {
  const bool quiet = pending_.empty();
  ParseInotify({buffer_.data(), size}, watch_, pending_);
  if (pending_.directory_gone && watch_ >= 0) {
    // A directory that was moved is still watched, at its new place.
    inotify_rm_watch(inotify_.native_handle(), std::exchange(watch_, -1));
  }
  if (quiet && !pending_.empty()) {
    settle_.expires_after(kSettle);
    settle_.async_wait([self = shared_from_this()](const error_code& error) {
      if (!error && self->on_changes_) self->Report();
    });
  }
  Read();
}

void DirectoryWatch::Report() {
  const DirectoryChanges changes = std::exchange(pending_, {});
  if (changes.directory_gone) AwaitReturn(milliseconds(0));
  const OnChanges on_changes = on_changes_;  // it may call Stop
  on_changes(changes);
}

void DirectoryWatch::AwaitReturn(milliseconds delay) {
  retry_.expires_after(delay);
  retry_.async_wait([self = shared_from_this()](const error_code& error) {
    if (error || !self->on_changes_) return;
    if (!self->AddWatch().ok()) {
      self->AwaitReturn(kRetry);
      return;
    }
    DirectoryChanges back;
    back.everything = true;
    const OnChanges on_changes = self->on_changes_;
    on_changes(back);
  });
}

}  // namespace sluice::manifests
