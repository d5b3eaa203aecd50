#include "cni/tombstone.h"

#include <gtest/gtest.h>

namespace sluice::cni {
namespace {

TEST(TombstoneTest, LiesBesideTheSocket) {
  EXPECT_EQ(TombstoneDirectory("/run/sluice/cni.sock"), "/run/sluice/deleted");
  EXPECT_EQ(TombstoneDirectory("cni.sock"), "./deleted");
}

TEST(TombstoneTest, TellsIdAndInterfaceApartWhateverDotsTheyHave) {
  for (const AttachmentKey& key : {AttachmentKey{"a.b", "c"}, AttachmentKey{"a", "b.c"}}) {
    const Result<AttachmentKey> read = ParseTombstone(FileName(key));
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(*read, key);
  }
}

TEST(TombstoneTest, RefusesNamesItDoesNotMake) {
  for (const std::string name :
       {"", ".", "..", "a", "a:", ":b", "a:b:c", "a:..", ".a:b", "a:b c"}) {
    EXPECT_FALSE(ParseTombstone(name).ok()) << name;
  }
}

}  // namespace
}  // namespace sluice::cni
