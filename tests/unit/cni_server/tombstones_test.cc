#include "agent/cni_server/tombstones.h"

#include <gtest/gtest.h>

#include "cni/graveyard.h"
#include "tests/fakes/temp_dir.h"

namespace sluice::cni_server {
namespace {

TEST(TombstonesTest, ListsWhatThePluginWroteAndForgetsWhatWasHonoured) {
  const fakes::TempDir dir;
  const std::string deleted = dir / "deleted";
  ASSERT_TRUE(cni::Bury(deleted, {.container_id = "c.2", .ifname = "eth0.5"}).ok());
  ASSERT_TRUE(cni::Bury(deleted, {.container_id = "c1", .ifname = "eth0"}).ok());
  std::ofstream(deleted + "/not a tombstone") << "x";

  const Result<std::vector<store::AttachmentId>> ids = ListTombstones(deleted);
  ASSERT_TRUE(ids.ok());
  EXPECT_EQ(*ids, (std::vector<store::AttachmentId>{{"c.2", "eth0.5"}, {"c1", "eth0"}}));

  for (int times = 0; times < 2; ++times) {
    EXPECT_TRUE(RemoveTombstone(deleted, {"c1", "eth0"}).ok());
    EXPECT_FALSE(HasTombstone(deleted, {"c1", "eth0"}));
  }
  EXPECT_TRUE(HasTombstone(deleted, {"c.2", "eth0.5"}));
}

TEST(TombstonesTest, FindsNoneWhereThereIsNoDirectory) {
  const fakes::TempDir dir;
  const Result<std::vector<store::AttachmentId>> ids = ListTombstones(dir / "deleted");
  ASSERT_TRUE(ids.ok());
  EXPECT_TRUE(ids->empty());
}

TEST(TombstonesTest, SaysWhyADirectoryCannotBeRead) {
  const fakes::TempDir dir;
  std::ofstream(dir / "deleted") << "a file";
  EXPECT_FALSE(ListTombstones(dir / "deleted").ok());
}

}  // namespace
}  // namespace sluice::cni_server
