// What a burst of inotify events means for a directory of manifests. Pure: bytes in, changes out.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace sluice::manifests {

// *.yaml, *.yml, *.json; not hidden.
bool IsManifestName(std::string_view name);

enum class Readiness : uint8_t {
  kCreated,   // may still be written to: only a link is complete from the start
  kTouched,   // its permissions or times changed
  kComplete,  // closed after writing, moved, or gone
};

struct DirectoryChanges {
  std::map<std::string, Readiness> files;
  // Something that symbolic links may lead through changed (a ConfigMap volume's ..data).
  bool links = false;
  // Events were lost, or the directory is a new one: every file may have changed.
  bool everything = false;
  bool directory_gone = false;

  bool empty() const { return files.empty() && !links && !everything && !directory_gone; }
};

// The watch's events that ParseInotify understands (inotify(7)).
uint32_t InotifyMask();

// Adds what the events in `buffer`, as read from inotify, say of the watch `watch`. An incomplete
// last event is ignored (the kernel never writes one).
void ParseInotify(std::string_view buffer, int watch, DirectoryChanges& changes);

}  // namespace sluice::manifests
