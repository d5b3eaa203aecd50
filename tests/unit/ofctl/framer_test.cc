#include "ofctl/framer.h"

#include <gtest/gtest.h>

#include <random>

#include "ofctl/flow.h"

namespace sluice::ofctl {
namespace {

std::vector<Message> Drain(Framer& framer) {
  std::vector<Message> messages;
  while (true) {
    Result<std::optional<Message>> next = framer.Next();
    EXPECT_TRUE(next.ok());
    if (!next.ok() || !next->has_value()) return messages;
    messages.push_back(std::move(**next));
  }
}

TEST(FramerTest, AnySplitGivesTheSameMessages) {
  std::mt19937 random(3);
  std::vector<Message> sent;
  Message stream;
  for (uint32_t i = 0; i < 200; ++i) {
    Message message = i % 3 == 0   ? EncodeBarrierRequest({i})
                      : i % 3 == 1 ? EncodeHello({i})
                                   : EncodeAdd({i}, {{1, 2, Match()}, {0, {Output{i}}}}).value();
    stream.insert(stream.end(), message.begin(), message.end());
    sent.push_back(std::move(message));
  }
  for (const size_t most : {size_t{1}, size_t{7}, size_t{300}, stream.size()}) {
    Framer framer;
    std::vector<Message> received;
    for (size_t offset = 0; offset < stream.size();) {
      const size_t size = std::min(stream.size() - offset, 1 + random() % most);
      framer.Append(std::span(stream).subspan(offset, size));
      for (Message& message : Drain(framer)) received.push_back(std::move(message));
      offset += size;
    }
    EXPECT_EQ(received, sent) << "pieces of up to " << most;
  }
}

TEST(FramerTest, LengthShorterThanAHeaderIsAnError) {
  Framer framer;
  const Message bad = {6, 0, 0, 7, 0, 0, 0, 1};
  framer.Append(bad);
  EXPECT_FALSE(framer.Next().ok());
}

TEST(FramerTest, WaitsForTheRest) {
  Framer framer;
  const Message start = {6, 0, 0};
  framer.Append(start);
  EXPECT_TRUE(Drain(framer).empty());
  const Message rest = {8, 0, 0, 0, 1};
  framer.Append(rest);
  EXPECT_EQ(Drain(framer), (std::vector<Message>{{6, 0, 0, 8, 0, 0, 0, 1}}));
}

}  // namespace
}  // namespace sluice::ofctl
