#include "agent/unixctl/daemon.h"

#include <sys/un.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/error_code.hpp>
#include <memory>
#include <utility>

namespace sluice::unixctl {
namespace {

using boost::system::error_code;

// One connection, one call. Its handlers keep it alive.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Done = std::function<void(Result<std::string>)>;

  Exchange(boost::asio::io_context& io, const Daemon& daemon, const Call& call, Done done)
      : path_(daemon.socket_path),
        request_(RequestText(call)),
        reader_(call.method),
        done_(std::move(done)),
        socket_(io),
        watchdog_(io, daemon.deadline) {}

  void Start() {
    // An overlong path would throw (sockaddr_un(7) has 108 bytes).
    if (path_.size() >= sizeof(sockaddr_un::sun_path)) {
      boost::asio::post(socket_.get_executor(), [self = shared_from_this()] {
        self->Finish(Invalid("path is too long for a unix socket"));
      });
      return;
    }
    watchdog_.async_wait([self = shared_from_this()](const error_code& canceled) {
      if (!canceled) self->Finish(Timeout("no answer"));
    });
    socket_.async_connect(path_, [self = shared_from_this()](const error_code& failed) {
      if (failed) return self->Finish(Unavailable("connect: " + failed.message()));
      self->Write();
    });
  }

 private:
  void Write() {
    boost::asio::async_write(socket_, boost::asio::buffer(request_),
                             [self = shared_from_this()](const error_code& failed, size_t) {
                               if (failed)
                                 return self->Finish(Unavailable("write: " + failed.message()));
                               self->Read();
                             });
  }

  void Read() {
    socket_.async_read_some(boost::asio::buffer(input_),
                            [self = shared_from_this()](const error_code& failed, size_t count) {
                              if (failed)
                                return self->Finish(Unavailable("read: " + failed.message()));
                              auto result = self->reader_.Take({self->input_.data(), count});
                              if (!result) return self->Read();
                              self->Finish(std::move(*result));
                            });
  }

  // Whatever comes first; what the closing cancels comes second.
  void Finish(Result<std::string> result) {
    if (!done_) return;
    watchdog_.cancel();
    error_code ignored;
    socket_.close(ignored);
    const Done done = std::exchange(done_, nullptr);
    if (result.ok()) return done(std::move(result));
    done(result.error().Context(path_));
  }

  std::string path_;
  std::string request_;
  ReplyReader reader_;
  Done done_;
  boost::asio::local::stream_protocol::socket socket_;
  boost::asio::steady_timer watchdog_;
  std::array<char, 4096> input_{};
};

}  // namespace

void CallDaemon(boost::asio::io_context& io, const Daemon& daemon, const Call& call,
                std::function<void(Result<std::string>)> done) {
  std::make_shared<Exchange>(io, daemon, call, std::move(done))->Start();
}

}  // namespace sluice::unixctl
