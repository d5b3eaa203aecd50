#include "agent/cni_conf/conflist_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>

namespace sluice::cni_conf {
namespace {

Error Failed(const std::string& path) { return Unavailable(path + ": " + std::strerror(errno)); }

Result<std::string> Read(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad() || errno != 0) return Failed(path);
  return text;
}

Status WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0) return Unavailable(std::strerror(errno));
    text.remove_prefix(static_cast<size_t>(written));
  }
  // Else a crash may leave the new name with nothing in it.
  return fsync(fd) == 0 ? Ok() : Status(Unavailable(std::strerror(errno)));
}

Status Write(const std::string& path, std::string_view text) {
  constexpr mode_t kReadableByAll = 0644;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadableByAll);
  if (fd < 0) return Failed(path);
  const Status written = WriteAll(fd, text);
  close(fd);
  return written.ok() ? Ok() : Status(written.error().Context(path));
}

}  // namespace

Status EnsureConflist(const ConflistFile& file, const std::vector<AddressRange>& ranges) {
  SLUICE_ASSIGN_OR_RETURN(const std::string template_text, Read(file.template_file));
  const auto text = ConflistText(template_text, ranges);
  if (!text.ok()) return text.error().Context(file.template_file);
  const std::string path = file.directory + "/" + kFileName;
  if (const auto before = Read(path); before.ok() && *before == *text) return Ok();
  // No runtime takes a file whose name ends like this for a configuration (libcni: .conf,
  // .conflist, .json).
  const std::string unfinished = path + ".new";
  SLUICE_RETURN_IF_ERROR(Write(unfinished, *text));
  return rename(unfinished.c_str(), path.c_str()) == 0 ? Ok() : Status(Failed(path));
}

}  // namespace sluice::cni_conf
