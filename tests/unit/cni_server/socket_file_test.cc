#include "agent/cni_server/socket_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "agent/cni_server/listening_socket.h"

namespace sluice::cni_server {
namespace {

TEST(SocketFileTest, NoticesThatItWasRemovedOrReplaced) {
  const std::string path = testing::TempDir() + "socket_file_test.sock";
  const auto first = OpenListeningSocket(path);
  ASSERT_TRUE(first.ok());
  const auto file = SocketFile::At(path);
  ASSERT_TRUE(file.ok());
  EXPECT_TRUE(file->StillThere().ok());

  // A second name keeps the old file's number from being given again.
  const std::string kept = path + ".old";
  ASSERT_EQ(link(path.c_str(), kept.c_str()), 0);
  ASSERT_EQ(unlink(path.c_str()), 0);
  const Status gone = file->StillThere();
  ASSERT_FALSE(gone.ok());
  EXPECT_THAT(gone.error().message(), testing::HasSubstr(path));

  const auto second = OpenListeningSocket(path);
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(file->StillThere().ok());
  unlink(kept.c_str());
  close(*first);
  close(*second);
  unlink(path.c_str());
}

}  // namespace
}  // namespace sluice::cni_server
