#include "ofctl/bundle.h"

#include <gmock/gmock.h>

#include "ofctl/framer.h"

namespace sluice::ofctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

FlowKey KeyOf(uint32_t id) { return {1, 2, Match().Exact(Field::kReg0, id)}; }

BundleContent Content() {
  return {std::make_shared<const FlowDelta>(
              FlowDelta{{KeyOf(1), KeyOf(2)}, {{KeyOf(3), {0, {Output{1}}}}, {KeyOf(4), {}}}}),
          {{5, 6, {0, 1, 0, 4, 0, 0, 0, 0}}}};
}

std::vector<Message> Frames(const Message& stream) {
  Framer framer;
  framer.Append(stream);
  std::vector<Message> messages;
  while (true) {
    Result<std::optional<Message>> next = framer.Next();
    if (!next.ok() || !next->has_value()) return messages;
    messages.push_back(std::move(**next));
  }
}

uint32_t XidOf(const Message& message) {
  return static_cast<uint32_t>(message[4]) << 24 | static_cast<uint32_t>(message[5]) << 16 |
         static_cast<uint32_t>(message[6]) << 8 | message[7];
}

Message AllOf(BundleEncoder& encoder, size_t piece, std::vector<Refusal>& refusals) {
  Message all;
  while (!encoder.done()) {
    const Message part = encoder.Next(piece, refusals);
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

TEST(BundleEncoderTest, RemovalsComeBeforeAdditionsBetweenOpenAndClose) {
  const BundleContent content = Content();
  BundleEncoder encoder(content, {{9}, {100}});
  std::vector<Refusal> refusals;

  const std::vector<Message> messages = Frames(AllOf(encoder, 1 << 20, refusals));

  ASSERT_EQ(messages.size(), 7u);
  EXPECT_EQ(messages[0], EncodeBundleControl({100}, {9}, BundleStep::kOpen));
  EXPECT_EQ(messages[6], EncodeBundleControl({106}, {9}, BundleStep::kClose));
  std::vector<int> commands;
  for (size_t i = 1; i < 6; ++i) {
    EXPECT_EQ(XidOf(messages[i]), 100 + i);
    commands.push_back(messages[i][16 + 25]);
  }
  constexpr int kAdd = 0;
  constexpr int kDeleteStrict = 4;
  EXPECT_THAT(commands, ElementsAre(kDeleteStrict, kDeleteStrict, kDeleteStrict, kAdd, kAdd));
  EXPECT_THAT(refusals, IsEmpty());
}

TEST(BundleEncoderTest, PiecesMakeTheSameStream) {
  const BundleContent content = Content();
  std::vector<Refusal> refusals;
  BundleEncoder whole(content, {{9}, {100}});
  BundleEncoder pieces(content, {{9}, {100}});
  EXPECT_EQ(AllOf(pieces, 1, refusals), AllOf(whole, 1 << 20, refusals));
}

TEST(BundleEncoderTest, XidNamesTheFlowEvenWhenItWrapsAround) {
  const BundleContent content = Content();
  const BundleEncoder encoder(content, {{9}, {UINT32_MAX - 2}});
  EXPECT_EQ(encoder.xids().IndexOf({UINT32_MAX - 2}), std::nullopt);                  // OPEN
  EXPECT_EQ(encoder.KeyOf(*encoder.xids().IndexOf({UINT32_MAX - 1})), std::nullopt);  // hidden
  EXPECT_EQ(encoder.KeyOf(*encoder.xids().IndexOf({UINT32_MAX})), KeyOf(1));
  EXPECT_EQ(encoder.KeyOf(*encoder.xids().IndexOf({0})), KeyOf(2));
  EXPECT_EQ(encoder.KeyOf(*encoder.xids().IndexOf({2})), KeyOf(4));
  EXPECT_EQ(encoder.xids().IndexOf({3}), std::nullopt);  // CLOSE
}

TEST(BundleEncoderTest, FlowThatCannotBeEncodedIsRefusedByName) {
  const BundleContent content{
      std::make_shared<const FlowDelta>(
          FlowDelta{{}, {{KeyOf(1), {}}, {KeyOf(2), {0, {Foreign{"x"}}}}, {KeyOf(3), {}}}}),
      {}};
  BundleEncoder encoder(content, {{9}, {100}});
  std::vector<Refusal> refusals;
  const std::vector<Message> messages = Frames(AllOf(encoder, 1 << 20, refusals));
  EXPECT_EQ(messages.size(), 4u);
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].key, KeyOf(2));
}

class BundleExchangeTest : public ::testing::Test {
 protected:
  const BundleXids xids_{{100}, 5};
  BundleExchange exchange_{xids_};
};

TEST_F(BundleExchangeTest, CommitsWhenClosedWithoutAnError) {
  EXPECT_EQ(exchange_.OnReply(BundleStep::kOpen), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kCommit);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kCommit), BundleDecision::kSucceeded);
}

TEST_F(BundleExchangeTest, OneRefusedFlowMeansDiscard) {
  EXPECT_EQ(exchange_.OnError({xids_.message(2), "BAD"}, KeyOf(1)), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kDiscard);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kDiscard), BundleDecision::kFailed);
  const CommitError failure = exchange_.Failure();
  EXPECT_EQ(failure.error.code(), ErrorCode::kRefused);
  EXPECT_THAT(failure.refused, ElementsAre(KeyOf(1)));
  EXPECT_THAT(failure.error.message(), HasSubstr(ToString(KeyOf(1)) + ": BAD"));
}

TEST_F(BundleExchangeTest, OwnRefusalMeansDiscard) {
  exchange_.OnRefusal({KeyOf(3), "too long"});
  EXPECT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kDiscard);
}

TEST_F(BundleExchangeTest, FailedOpenMeansDiscard) {
  // an ADD opens a bundle by itself, so the rest of it is in the switch
  EXPECT_EQ(exchange_.OnError({xids_.open(), "BAD_ID"}, std::nullopt), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kDiscard);
}

TEST_F(BundleExchangeTest, FailedCloseMeansDiscard) {
  EXPECT_EQ(exchange_.OnError({xids_.close(), "TIMEOUT"}, std::nullopt), BundleDecision::kDiscard);
  EXPECT_EQ(exchange_.OnError({xids_.discard(), "BAD_ID"}, std::nullopt), BundleDecision::kFailed);
}

TEST_F(BundleExchangeTest, RefusedCommitIsOver) {
  ASSERT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kCommit);
  EXPECT_EQ(exchange_.OnError({xids_.message(0), "OVERLAP"}, KeyOf(1)), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnError({xids_.commit(), "MSG_FAILED"}, std::nullopt),
            BundleDecision::kFailed);
  EXPECT_THAT(exchange_.Failure().refused, ElementsAre(KeyOf(1)));
}

TEST_F(BundleExchangeTest, ErrorsOfOthersAreNotOurs) {
  EXPECT_EQ(exchange_.OnError({{99}, "X"}, std::nullopt), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnError({{109}, "X"}, std::nullopt), BundleDecision::kWait);
  EXPECT_EQ(exchange_.OnReply(BundleStep::kClose), BundleDecision::kCommit);
}

}  // namespace
}  // namespace sluice::ofctl
