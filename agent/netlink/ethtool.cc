#include "agent/netlink/ethtool.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>

#include <cerrno>
#include <system_error>

namespace sluice::netlink {
namespace {

Result<ethtool_value> Request(const FileDescriptor& socket, const std::string& device,
                              ethtool_value value) {
  ifreq request{};
  if (device.size() >= sizeof request.ifr_name) return Invalid("device name too long: " + device);
  device.copy(request.ifr_name, sizeof request.ifr_name - 1);
  request.ifr_data = reinterpret_cast<char*>(&value);
  if (ioctl(socket.get(), SIOCETHTOOL, &request) != 0) {
    return Refused("ethtool " + device + ": " + std::generic_category().message(errno));
  }
  return value;
}

}  // namespace

Status DisableTxChecksumOffload(const FileDescriptor& socket, const std::string& device) {
  const auto done = Request(socket, device, {.cmd = ETHTOOL_STXCSUM, .data = 0});
  return done.ok() ? Ok() : Status(done.error());
}

Result<bool> HasTxChecksumOffload(const FileDescriptor& socket, const std::string& device) {
  SLUICE_ASSIGN_OR_RETURN(const ethtool_value value,
                          Request(socket, device, {.cmd = ETHTOOL_GTXCSUM, .data = 0}));
  return value.data != 0;
}

}  // namespace sluice::netlink
