#include "agent/unixctl/call.h"

#include <gtest/gtest.h>

namespace sluice::unixctl {
namespace {

using Reply = std::optional<Result<std::string>>;

TEST(RequestTextTest, IsWhatOvsAppctlSends) {
  EXPECT_EQ(RequestText({"revalidator/purge", {}}),
            R"({"id":0,"method":"revalidator/purge","params":[]})");
  EXPECT_EQ(RequestText({"ofproto/trace", {"br-int", "a \"b\""}}),
            R"({"id":0,"method":"ofproto/trace","params":["br-int","a \"b\""]})");
}

TEST(ReplyReaderTest, AReplyIsWholeWhereverItIsCut) {
  const std::string text = R"({"id":0,"result":"two {\"braces\"}","error":null})";
  for (size_t cut = 1; cut < text.size(); ++cut) {
    ReplyReader reader("trace");
    EXPECT_EQ(reader.Take(text.substr(0, cut)), std::nullopt) << cut;
    const Reply reply = reader.Take(text.substr(cut));
    ASSERT_TRUE(reply && reply->ok()) << cut;
    EXPECT_EQ(**reply, "two {\"braces\"}");
  }
}

TEST(ReplyReaderTest, AnEmptyResultIsAResult) {
  const Reply reply = ReplyReader("purge").Take(R"({"error":null,"id":0,"result":""})");
  ASSERT_TRUE(reply && reply->ok());
  EXPECT_EQ(**reply, "");
}

TEST(ReplyReaderTest, WhatTheDaemonDoesNotLikeIsSaidInItsWords) {
  const Reply reply =
      ReplyReader("purge").Take(R"({"error":"\"purge\" is not a valid command","id":0})");
  ASSERT_TRUE(reply && !reply->ok());
  EXPECT_EQ(reply->error(), Refused("purge: \"purge\" is not a valid command"));
}

TEST(ReplyReaderTest, AReplyWithoutAResultIsNone) {
  const Reply reply = ReplyReader("purge").Take(R"({"error":null,"id":0,"result":7})");
  ASSERT_TRUE(reply && !reply->ok());
  EXPECT_EQ(reply->error().code(), ErrorCode::kInvalid);
}

TEST(ReplyReaderTest, WhatNeverEndsIsNotCollectedForEver) {
  ReplyReader reader("purge");
  EXPECT_EQ(reader.Take("{"), std::nullopt);
  const Reply reply = reader.Take(std::string(ReplyReader::kMaxBytes, ' '));
  ASSERT_TRUE(reply && !reply->ok());
  EXPECT_EQ(reply->error().code(), ErrorCode::kInvalid);
}

}  // namespace
}  // namespace sluice::unixctl
