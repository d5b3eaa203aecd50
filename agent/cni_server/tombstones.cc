#include "agent/cni_server/tombstones.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cni/tombstone.h"

namespace sluice::cni_server {

namespace fs = std::filesystem;

namespace {

std::string PathOf(const std::string& directory, const store::AttachmentId& id) {
  return directory + "/" + cni::FileName({.container_id = id.container_id, .ifname = id.ifname});
}

}  // namespace

Result<std::vector<store::AttachmentId>> ListTombstones(const std::string& directory) {
  std::vector<store::AttachmentId> ids;
  std::error_code error;
  fs::directory_iterator entry(directory, error);
  if (error == std::errc::no_such_file_or_directory) return ids;
  for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const Result<cni::AttachmentKey> tombstone =
        cni::ParseTombstone(entry->path().filename().native());
    if (!tombstone.ok()) continue;
    ids.push_back({.container_id = tombstone->container_id, .ifname = tombstone->ifname});
  }
  if (error) return Internal("read " + directory + ": " + error.message());
  std::sort(ids.begin(), ids.end());
  return ids;
}

bool HasTombstone(const std::string& directory, const store::AttachmentId& id) {
  std::error_code error;
  return fs::exists(PathOf(directory, id), error);
}

Status RemoveTombstone(const std::string& directory, const store::AttachmentId& id) {
  const std::string path = PathOf(directory, id);
  std::error_code error;
  fs::remove(path, error);
  if (error) return Internal("remove " + path + ": " + error.message());
  return Ok();
}

}  // namespace sluice::cni_server
