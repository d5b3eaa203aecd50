#include "agent/manifests/manifest_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

namespace sluice::manifests {
namespace {

constexpr size_t kLargestFile = size_t{64} << 20;  // bytes; 10,000 pods take about ten million

std::string PathOf(const ManifestFile& file) { return file.directory + "/" + file.name; }

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  ~FileDescriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

FileUnreadable CannotRead(int error) {
  return {std::string("cannot be read: ") + std::strerror(error)};
}

std::variant<FileContent, FileGone, FileUnreadable> ReadAll(const std::string& path) {
  // Not blocking: the name may lead to a FIFO.
  const FileDescriptor fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat status {};
  if (fd.get() < 0 || fstat(fd.get(), &status) != 0) return CannotRead(errno);
  if (!S_ISREG(status.st_mode)) return FileUnreadable{"cannot be read: not a regular file"};
  std::string text;
  char chunk[64 * 1024];
  while (true) {
    const ssize_t n = read(fd.get(), chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return CannotRead(errno);
    if (n == 0) return FileContent{std::move(text)};
    text.append(chunk, static_cast<size_t>(n));
    if (text.size() > kLargestFile) {
      return FileUnreadable{"cannot be read: larger than " + std::to_string(kLargestFile >> 20) +
                            " MiB"};
    }
  }
}

}  // namespace

Result<std::vector<std::string>> ListManifests(const std::string& directory) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open_directory(opendir(directory.c_str()), closedir);
  if (!open_directory) {
    return Unavailable("cannot list " + directory + ": " + std::strerror(errno));
  }
  std::vector<std::string> names;
  while (const dirent* entry = readdir(open_directory.get())) {
    if (IsManifestName(entry->d_name) && entry->d_type != DT_DIR) names.push_back(entry->d_name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::optional<FileChange> ReadManifest(const ManifestFile& file, Readiness readiness) {
  const std::string path = PathOf(file);
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno != ENOENT) return FileChange{file.name, CannotRead(errno)};
    // Without its directory, a file is not gone but out of sight.
    if (stat(file.directory.c_str(), &status) != 0) return std::nullopt;
    return FileChange{file.name, FileGone{}};
  }
  if (S_ISDIR(status.st_mode)) return FileChange{file.name, FileGone{}};
  const bool linked = S_ISLNK(status.st_mode) || status.st_nlink > 1;
  if (readiness != Readiness::kComplete && !linked) return std::nullopt;
  auto content = ReadAll(path);
  // Deleted since lstat; a link that leads nowhere is another matter.
  const bool deleted = std::holds_alternative<FileUnreadable>(content) &&
                       lstat(path.c_str(), &status) != 0 && errno == ENOENT;
  if (deleted) return ReadManifest(file, readiness);
  return FileChange{file.name, std::move(content)};
}

bool IsLinkOrGone(const ManifestFile& file) {
  struct stat status {};
  return lstat(PathOf(file).c_str(), &status) != 0 || S_ISLNK(status.st_mode);
}

}  // namespace sluice::manifests
