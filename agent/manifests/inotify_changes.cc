#include "agent/manifests/inotify_changes.h"

#include <sys/inotify.h>

#include <algorithm>
#include <cstring>

namespace sluice::manifests {
namespace {

bool EndsWith(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

Readiness ReadinessAfter(uint32_t mask) {
  if ((mask & IN_CREATE) != 0) return Readiness::kCreated;
  if ((mask & IN_ATTRIB) != 0) return Readiness::kTouched;
  return Readiness::kComplete;
}

void AddEvent(uint32_t mask, std::string_view name, DirectoryChanges& changes) {
  if ((mask & (IN_DELETE_SELF | IN_MOVE_SELF | IN_UNMOUNT | IN_IGNORED)) != 0) {
    changes.directory_gone = true;
  } else if (IsManifestName(name) && (mask & IN_ISDIR) == 0) {
    Readiness& readiness =
        changes.files.try_emplace(std::string(name), Readiness::kCreated).first->second;
    readiness = std::max(readiness, ReadinessAfter(mask));
  } else if (!name.empty() && (mask & (IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)) != 0) {
    // Not a manifest, so a link or a directory that manifests are reached through, or an editor's
    // file: looking costs little, and plain files are not read again for it.
    changes.links = true;
  }
}

}  // namespace

bool IsManifestName(std::string_view name) {
  return !name.empty() && name.front() != '.' &&
         (EndsWith(name, ".yaml") || EndsWith(name, ".yml") || EndsWith(name, ".json"));
}

uint32_t InotifyMask() {
  return IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE | IN_ATTRIB |
         IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
}

void ParseInotify(std::string_view buffer, int watch, DirectoryChanges& changes) {
  while (buffer.size() >= sizeof(inotify_event)) {
    inotify_event event;
    std::memcpy(&event, buffer.data(), sizeof event);
    const size_t size = sizeof event + event.len;
    if (buffer.size() < size) return;
    // The name is padded with NULs.
    std::string_view name = buffer.substr(sizeof event, event.len);
    name = name.substr(0, name.find('\0'));
    if ((event.mask & IN_Q_OVERFLOW) != 0) {
      changes.everything = true;
    } else if (event.wd == watch) {
      AddEvent(event.mask, name, changes);
    }
    buffer.remove_prefix(size);
  }
}

}  // namespace sluice::manifests
