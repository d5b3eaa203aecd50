#include "agent/cni_server/socket_file.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace sluice::cni_server {

Result<SocketFile> SocketFile::At(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) return NotFound(path + ": " + std::strerror(errno));
  return SocketFile(path, found.st_dev, found.st_ino);
}

Status SocketFile::StillThere() const {
  SLUICE_ASSIGN_OR_RETURN(const SocketFile now, At(path_));
  if (now.device_ == device_ && now.inode_ == inode_) return Ok();
  return NotFound(path_ + " is not the socket that the agent listens on");
}

}  // namespace sluice::cni_server
