#include "agent/manifests/inotify_changes.h"

#include <gtest/gtest.h>
#include <sys/inotify.h>

namespace sluice::manifests {
namespace {

constexpr int kWatch = 3;

std::string Event(uint32_t mask, std::string name, int watch = kWatch) {
  inotify_event event{};
  event.wd = watch;
  event.mask = mask;
  if (!name.empty()) name.resize((name.size() / 16 + 1) * 16, '\0');
  event.len = static_cast<uint32_t>(name.size());
  return std::string(reinterpret_cast<const char*>(&event), sizeof event) + name;
}

DirectoryChanges Parse(const std::string& buffer) {
  DirectoryChanges changes;
  ParseInotify(buffer, kWatch, changes);
  return changes;
}

TEST(InotifyChangesTest, OnlyManifestsCount) {
  for (const char* name : {"a.yaml", "a.yml", "a.json", "a.b.yaml"}) {
    EXPECT_TRUE(IsManifestName(name)) << name;
  }
  for (const char* name : {"", ".a.yaml", "a.yaml~", "a.txt", "yaml", ".yaml", "a.YAML"}) {
    EXPECT_FALSE(IsManifestName(name)) << name;
  }
}

TEST(InotifyChangesTest, AFileIsCompleteOnceItIsClosedOrMoved) {
  EXPECT_EQ(Parse(Event(IN_CREATE, "a.yaml")).files.at("a.yaml"), Readiness::kCreated);
  EXPECT_EQ(Parse(Event(IN_ATTRIB, "a.yaml")).files.at("a.yaml"), Readiness::kTouched);
  for (const int mask : {IN_CLOSE_WRITE, IN_MOVED_TO, IN_MOVED_FROM, IN_DELETE}) {
    EXPECT_EQ(Parse(Event(static_cast<uint32_t>(mask), "a.yaml")).files.at("a.yaml"),
              Readiness::kComplete);
  }
  const auto both = Parse(Event(IN_CLOSE_WRITE, "a.yaml") + Event(IN_CREATE, "a.yaml"));
  EXPECT_EQ(both.files.at("a.yaml"), Readiness::kComplete);
}

TEST(InotifyChangesTest, OtherNamesMayBeWhatLinksLeadThrough) {
  EXPECT_TRUE(Parse(Event(IN_MOVED_TO, "..data")).links);
  EXPECT_TRUE(Parse(Event(IN_DELETE | IN_ISDIR, "..2024")).links);
  EXPECT_TRUE(Parse(Event(IN_CLOSE_WRITE, "notes.txt")).empty());
}

TEST(InotifyChangesTest, LostEventsMeanEverything) {
  EXPECT_TRUE(Parse(Event(IN_Q_OVERFLOW, "", -1)).everything);
}

TEST(InotifyChangesTest, TheDirectoryItselfMayGo) {
  for (const int mask : {IN_DELETE_SELF, IN_MOVE_SELF, IN_UNMOUNT, IN_IGNORED}) {
    EXPECT_TRUE(Parse(Event(static_cast<uint32_t>(mask), "")).directory_gone);
  }
}

TEST(InotifyChangesTest, EventsOfAnEarlierWatchAreOld) {
  EXPECT_TRUE(Parse(Event(IN_IGNORED, "", kWatch - 1)).empty());
}

TEST(InotifyChangesTest, ATruncatedEventIsIgnored) {
  const std::string whole = Event(IN_CLOSE_WRITE, "a.yaml");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(Parse(whole.substr(0, size)).empty()) << size;
  }
}

}  // namespace
}  // namespace sluice::manifests
