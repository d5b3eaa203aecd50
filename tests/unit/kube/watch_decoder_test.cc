#include "agent/kube/watch_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/texts.h"

namespace sluice::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string ToString(const WatchEvent& event) {
  if (const auto* bookmark = std::get_if<Bookmark>(&event)) {
    return "bookmark " + bookmark->resource_version;
  }
  if (const auto* status = std::get_if<ApiStatus>(&event)) return status->ToString();
  const auto& change = std::get<ObjectChange>(event);
  return (change.type == ObjectChange::Type::kPut ? "put " : "delete ") +
         change.object.key->ToString();
}

std::vector<std::string> Decode(std::string_view text, size_t chunk,
                                WatchDecoder decoder = WatchDecoder(Resource::kPods)) {
  std::vector<std::string> events;
  while (!text.empty()) {
    const auto decoded = decoder.Feed(text.substr(0, chunk));
    text.remove_prefix(std::min(chunk, text.size()));
    if (!decoded.ok()) {
      events.push_back("error: " + decoded.error().message());
      break;
    }
    for (const WatchEvent& event : *decoded) events.push_back(ToString(event));
  }
  return events;
}

TEST(WatchDecoderTest, EventsAreTheSameHoweverTheyAreSplit) {
  const std::string text = EventOf("ADDED", PodItem("a", "1")) + BookmarkOf("5") + "\r\n\n" +
                           EventOf("DELETED", PodItem("a", "6")) +
                           EventOf("ERROR", StatusOf(410, "Expired", "too old"));
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    EXPECT_THAT(Decode(text, chunk),
                ElementsAre("put shop/a", "bookmark 5", "delete shop/a", "410 Expired: too old"))
        << chunk;
  }
}

TEST(WatchDecoderTest, AnEventIsThereWithItsLastBraceAndNotBefore) {
  std::string text = EventOf("ADDED", PodItem("a", "1"));
  text.resize(text.rfind('}'));
  WatchDecoder decoder(Resource::kPods);
  EXPECT_THAT(*decoder.Feed(text), IsEmpty());
  EXPECT_EQ(decoder.Feed("}")->size(), 1U);
}

TEST(WatchDecoderTest, AnObjectThatIsTooLongHarmsItselfAlone) {
  const std::string huge = "{" + Meta("huge", "1") + R"(,"x":")" + std::string(5000, 'x') + "\"}";
  const std::string text = EventOf("MODIFIED", huge) + EventOf("ADDED", PodItem("b", "2"));
  for (const size_t chunk : {size_t{1}, size_t{999}, text.size()}) {
    EXPECT_THAT(Decode(text, chunk, WatchDecoder(Resource::kPods, 2000)),
                ElementsAre("put shop/huge", "put shop/b"));
  }
}

TEST(WatchDecoderTest, WhatIsNoEventEndsTheWatch) {
  EXPECT_THAT(Decode("[]", 10), ElementsAre("error: a watch event is not an object"));
  EXPECT_THAT(Decode("}", 10), ElementsAre("error: a watch event is not an object"));
  EXPECT_THAT(Decode(R"({"type":"X","object":{}})", 10),
              ElementsAre("error: a watch event of the unknown type \"X\""));
}

}  // namespace
}  // namespace sluice::kube
