#include "cni/graveyard.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace sluice::cni {
namespace {

Error SystemError(const std::string& call) { return Internal(call + ": " + std::strerror(errno)); }

// With the parents that are missing.
Status MakeDirectory(const std::string& path) {
  if (mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return Ok();
  const size_t slash = path.rfind('/');
  if (errno != ENOENT || slash == std::string::npos || slash == 0) {
    return SystemError("mkdir " + path);
  }
  SLUICE_RETURN_IF_ERROR(MakeDirectory(path.substr(0, slash)));
  if (mkdir(path.c_str(), S_IRWXU) == 0 || errno == EEXIST) return Ok();
  return SystemError("mkdir " + path);
}

}  // namespace

Status Bury(const std::string& directory, const AttachmentKey& attachment) {
  SLUICE_RETURN_IF_ERROR(MakeDirectory(directory));
  // The file is its name: creating it is the whole, atomic, write.
  const std::string path = directory + "/" + FileName(attachment);
  const int fd = open(path.c_str(), O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd < 0) return SystemError("create " + path);
  close(fd);
  return Ok();
}

Status Exhume(const std::string& directory, const AttachmentKey& attachment) {
  const std::string path = directory + "/" + FileName(attachment);
  if (unlink(path.c_str()) == 0 || errno == ENOENT) return Ok();
  return SystemError("remove " + path);
}

}  // namespace sluice::cni
