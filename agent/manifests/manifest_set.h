// ManifestSet: what a directory of manifests says, all files together. Pure.
//
// What is in force depends only on the files and, per file, on the last good version of each object
// it still names; never on the order in which the files came or changed.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/decode/identity.h"
#include "agent/manifests/manifest_parser.h"
#include "agent/manifests/manifest_source.h"
#include "agent/store/objects.h"

namespace sluice::manifests {

struct FileContent {
  std::string text;
};
struct FileGone {};
struct FileUnreadable {
  std::string reason;
};

struct FileChange {
  std::string file;
  std::variant<FileContent, FileGone, FileUnreadable> state;
};

class ManifestSet {
 public:
  // The namespaces every cluster has are in force from the start, unless a manifest defines them.
  ManifestSet();

  // The events that an empty store needs to be as this set is now.
  std::vector<store::StoreEvent> Snapshot() const;

  // Takes the changes as one: the events say how the end differs from the beginning, sorted by
  // kind (namespaces first) and key. A later change of the same file counts.
  //
  // - A file that is not YAML, or unreadable, goes on saying what it last said.
  // - A refused document keeps its object's last good version of this file in force; one that does
  //   not name an object may be any that is missing now, so it keeps all of those.
  // - Of an object that several files define, the first file by name counts; within a file, the
  //   first document.
  std::vector<store::StoreEvent> Apply(const std::vector<FileChange>& changes);
  std::vector<store::StoreEvent> Update(std::string file, std::string text) {
    return Apply({{std::move(file), FileContent{std::move(text)}}});
  }
  std::vector<store::StoreEvent> Remove(std::string file) {
    return Apply({{std::move(file), FileGone{}}});
  }

  // All that is in force now, sorted by file, line and text.
  std::vector<Complaint> Complaints() const;
  std::vector<std::string> Files() const;

 private:
  struct Held {
    int line = 0;
    store::Object object;
  };
  struct FileState {
    std::map<decode::Identity, Held> held;
    std::map<UnknownKind, int> unknown_kinds;  // to the first line
    std::vector<Complaint> complaints;
  };
  using Touched = std::set<decode::Identity>;

  void ApplyOne(const FileChange& change, Touched& touched);
  void ApplyContent(FileState& state, const FileChange& change, Touched& touched);
  static FileState FromEntries(const std::string& file, std::vector<ManifestEntry> entries,
                               FileState& before);
  std::optional<store::Object> InForce(const decode::Identity& identity) const;
  void ComplainAboutDuplicates(std::vector<Complaint>& complaints) const;
  void ComplainAboutUnknownKinds(std::vector<Complaint>& complaints) const;
  void ComplainAboutNamespaces(std::vector<Complaint>& complaints) const;

  std::map<std::string, FileState> files_;
  // Which files hold a version of an object; the first one is in force.
  std::map<decode::Identity, std::set<std::string>> holders_;
  std::map<decode::Identity, store::Object> in_force_;
};

}  // namespace sluice::manifests
