#include "agent/cni_server/listening_socket.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/fakes/temp_dir.h"

namespace sluice::cni_server {
namespace {

using std::filesystem::perms;

TEST(ListeningSocketTest, IsForItsOwnerOnly) {
  const fakes::TempDir dir;
  const Result<int> fd = OpenListeningSocket(dir / "a/b/cni.sock");
  ASSERT_TRUE(fd.ok()) << fd.error().message();
  EXPECT_EQ(std::filesystem::status(dir / "a/b/cni.sock").permissions(),
            perms::owner_read | perms::owner_write);
  EXPECT_EQ(std::filesystem::status(dir / "a/b").permissions(), perms::owner_all);
  close(*fd);
}

TEST(ListeningSocketTest, ReplacesAFileThatNobodyAnswersOn) {
  const fakes::TempDir dir;
  const Result<int> first = OpenListeningSocket(dir / "cni.sock");
  ASSERT_TRUE(first.ok());
  close(*first);
  const Result<int> second = OpenListeningSocket(dir / "cni.sock");
  EXPECT_TRUE(second.ok());
  if (second.ok()) close(*second);
}

TEST(ListeningSocketTest, LeavesASocketAloneThatSomebodyAnswersOn) {
  const fakes::TempDir dir;
  const Result<int> first = OpenListeningSocket(dir / "cni.sock");
  ASSERT_TRUE(first.ok());
  const Result<int> second = OpenListeningSocket(dir / "cni.sock");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error(), Refused("another agent listens on " + (dir / "cni.sock")));
  close(*first);
}

TEST(ListeningSocketTest, LeavesAFileAloneThatIsNoSocket) {
  const fakes::TempDir dir;
  std::ofstream(dir / "cni.sock") << "precious";
  EXPECT_FALSE(OpenListeningSocket(dir / "cni.sock").ok());
  EXPECT_EQ(dir.Read("cni.sock"), "precious");
}

TEST(ListeningSocketTest, RefusesAPathTooLongForASocket) {
  EXPECT_EQ(OpenListeningSocket("/" + std::string(200, 'x')).error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sluice::cni_server
