#include "agent/ctl/switch_control.h"

#include "agent/ctl/unix_socket.h"

namespace sluice::ctl {

Result<std::string> CallSwitch(const std::string& socket_path, const unixctl::Call& call) {
  SLUICE_ASSIGN_OR_RETURN(UnixSocket daemon, UnixSocket::Connect(socket_path));
  SLUICE_RETURN_IF_ERROR(daemon.Send(unixctl::RequestText(call)));
  unixctl::ReplyReader reader(call.method);
  while (true) {
    SLUICE_ASSIGN_OR_RETURN(const std::string bytes, daemon.Receive());
    if (auto result = reader.Take(bytes)) return std::move(*result);
  }
}

}  // namespace sluice::ctl
