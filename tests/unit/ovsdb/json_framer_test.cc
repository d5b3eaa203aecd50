#include "agent/ovsdb/json_framer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ovsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(JsonFramerTest, CutsSeveralObjectsOutOfOneRead) {
  JsonFramer framer;
  const auto texts = framer.Feed("{\"a\":1}{\"b\":[{}]}\n {}");
  ASSERT_TRUE(texts.ok());
  EXPECT_THAT(*texts, ElementsAre("{\"a\":1}", "{\"b\":[{}]}", "{}"));
}

TEST(JsonFramerTest, BracesAndQuotesInStringsDoNotCount) {
  const std::string text = R"({"a":"}{\"}\\","b":"[\\\""})";
  JsonFramer framer;
  const auto texts = framer.Feed(text + "{}");
  ASSERT_TRUE(texts.ok());
  EXPECT_THAT(*texts, ElementsAre(text, "{}"));
}

TEST(JsonFramerTest, ResultDoesNotDependOnHowTheStreamIsCut) {
  const std::string first = R"({"id":0,"x":"\"}","y":[{"z":[]}]})";
  const std::string second = R"({"é":"\\"})";
  const std::string stream = first + " \r\n" + second;
  for (size_t cut = 0; cut <= stream.size(); ++cut) {
    JsonFramer framer;
    auto texts = framer.Feed(stream.substr(0, cut));
    ASSERT_TRUE(texts.ok());
    auto rest = framer.Feed(stream.substr(cut));
    ASSERT_TRUE(rest.ok());
    texts->insert(texts->end(), rest->begin(), rest->end());
    EXPECT_THAT(*texts, ElementsAre(first, second)) << "cut at " << cut;
  }
}

TEST(JsonFramerTest, ByteByByteGivesTheSame) {
  const std::string text = R"({"a":"\"","b":{"c":[1,2]}})";
  JsonFramer framer;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const auto none = framer.Feed(text.substr(i, 1));
    ASSERT_TRUE(none.ok());
    EXPECT_THAT(*none, IsEmpty());
  }
  const auto texts = framer.Feed("}");
  ASSERT_TRUE(texts.ok());
  EXPECT_THAT(*texts, ElementsAre(text));
}

TEST(JsonFramerTest, RefusesWhatIsNoObject) {
  for (const char* stream : {"x", "[1]", "\"a\"", "{}]", "}"}) {
    EXPECT_FALSE(JsonFramer().Feed(stream).ok()) << stream;
  }
}

TEST(JsonFramerTest, RefusesAMessageThatNeverEnds) {
  JsonFramer framer(100);
  const std::string piece(30, 'x');
  ASSERT_TRUE(framer.Feed("{\"" + piece).ok());
  ASSERT_TRUE(framer.Feed(piece).ok());
  EXPECT_FALSE(framer.Feed(piece + piece).ok());
}

TEST(JsonFramerTest, AcceptsAMessageOfExactlyTheLimit) {
  const std::string text = "{\"" + std::string(100 - 7, 'x') + "\":1}";
  ASSERT_EQ(text.size(), 99u);
  EXPECT_TRUE(JsonFramer(99).Feed(text).ok());
  EXPECT_FALSE(JsonFramer(98).Feed(text).ok());
}

TEST(JsonFramerTest, RefusesDeepNestingBeforeAParserSeesIt) {
  const std::string deep(JsonFramer::kMaxDepth, '[');
  EXPECT_FALSE(JsonFramer().Feed("{\"a\":" + deep).ok());
  EXPECT_TRUE(JsonFramer().Feed("{\"a\":" + deep.substr(1)).ok());
}

}  // namespace
}  // namespace sluice::ovsdb
