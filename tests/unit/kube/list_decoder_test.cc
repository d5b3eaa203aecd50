#include "agent/kube/list_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/kube/texts.h"

namespace sluice::kube {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

struct Outcome {
  std::vector<std::string> objects;  // names; of one that makes no sense, the error
  ListMeta meta;
  std::string error;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome Decode(std::string_view text, size_t chunk, ListDecoder decoder) {
  Outcome outcome;
  while (!text.empty()) {
    auto objects = decoder.Feed(text.substr(0, chunk));
    if (!objects.ok()) {
      outcome.error = objects.error().message();
      return outcome;
    }
    text.remove_prefix(std::min(chunk, text.size()));
    for (const ApiObject& object : *objects) {
      const auto* refused = std::get_if<decode::DecodeError>(&object.content);
      outcome.objects.push_back(refused != nullptr ? refused->ToString() : object.key->ToString());
    }
  }
  const auto meta = decoder.Finish();
  if (meta.ok()) {
    outcome.meta = *meta;
  } else {
    outcome.error = meta.error().message();
  }
  return outcome;
}

Outcome Decode(std::string_view text) {
  return Decode(text, text.size(), ListDecoder(Resource::kPods));
}

TEST(ListDecoderTest, AListIsTheSameHoweverItIsSplit) {
  const std::string text = ListOf({PodItem("a", "1"), PodItem("b", "2")}, "17", "next");
  const Outcome expected{{"shop/a", "shop/b"}, {"17", "next"}, ""};
  for (size_t chunk = 1; chunk <= text.size(); ++chunk) {
    EXPECT_EQ(Decode(text, chunk, ListDecoder(Resource::kPods)), expected) << chunk;
  }
}

TEST(ListDecoderTest, AnEmptyListHasAVersionToo) {
  EXPECT_EQ(Decode(ListOf({}, "17")), (Outcome{{}, {"17", ""}, ""}));
  EXPECT_EQ(Decode(R"({"items":null,"metadata":{"resourceVersion":"5"}})"),
            (Outcome{{}, {"5", ""}, ""}));
}

TEST(ListDecoderTest, TheOrderOfFieldsMeansNothingAndUnknownOnesAreSkipped) {
  const std::string text = " { \"items\" : [ " + PodItem("a", "1") +
                           " ] , \"x\":{\"items\":[1]}, \"metadata\" : "
                           "{\"resourceVersion\":\"17\",\"remainingItemCount\":3} } \n";
  EXPECT_EQ(Decode(text), (Outcome{{"shop/a"}, {"17", ""}, ""}));
}

TEST(ListDecoderTest, AnObjectThatMakesNoSenseHarmsItselfAlone) {
  const std::string bad_field = "{" + Meta("bad", "2") + R"(,"status":7})";
  const std::string bad_json = "{" + Meta("worse", "3") + R"(,"spec":{"hostNetwork":maybe}})";
  const Outcome outcome = Decode(
      ListOf({PodItem("a", "1"), bad_field, bad_json, "7", "null", PodItem("b", "4")}, "17"));

  EXPECT_THAT(outcome.objects, ElementsAre("shop/a", StartsWith("Pod shop/bad: status: "),
                                           StartsWith("Pod shop/worse: is not JSON"),
                                           "Pod: is no object", "Pod: is no object", "shop/b"));
  EXPECT_EQ(outcome.meta.resource_version, "17");
}

TEST(ListDecoderTest, AnObjectThatIsTooLongHarmsItselfAlone) {
  const std::string huge = "{" + Meta("huge", "1") + R"(,"x":")" + std::string(5000, 'x') + "\"}";
  const std::string text = ListOf({PodItem("a", "1"), huge, PodItem("b", "2")}, "17");
  for (const size_t chunk : {size_t{1}, size_t{999}, text.size()}) {
    EXPECT_THAT(Decode(text, chunk, ListDecoder(Resource::kPods, 2000)).objects,
                ElementsAre("shop/a", "Pod shop/huge: is longer than 2000 bytes", "shop/b"));
  }
}

TEST(ListDecoderTest, NestingDeeplyExhaustsNothing) {
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  const Outcome outcome =
      Decode(ListOf({"{" + Meta("a", "1") + R"(,"spec":{"containers":)" + deep + "}}",
                     "{" + Meta("b", "1") + R"(,"x":)" + deep + "}"},
                    "17"));
  EXPECT_THAT(outcome.objects, ElementsAre(StartsWith("Pod shop/a: spec.containers[0]"), "shop/b"));
}

TEST(ListDecoderTest, ABodyThatEndsEarlyIsNoList) {
  const std::string text = ListOf({PodItem("a", "1")}, "17");
  for (size_t size = 0; size < text.rfind('}'); ++size) {
    EXPECT_THAT(Decode(text.substr(0, size), 64, ListDecoder(Resource::kPods)).error,
                HasSubstr("it ended too early"))
        << size;
  }
}

TEST(ListDecoderTest, WhatIsNoListIsAnError) {
  for (const char* text : {"[]",
                           "7",
                           "<html>",
                           "{7:8}",
                           "{\"a\" 7}",
                           "{\"a\":}",
                           "{\"a\":1 \"b\":2}",
                           "{,}",
                           "{\"a\":1,}",
                           "{\"items\":{}}",
                           "{\"items\":[1 2]}",
                           "{\"items\":[,]}",
                           "{\"items\":[1,]}",
                           "{\"items\":[}",
                           "{\"metadata\":7}",
                           "{\"metadata\":{]}",
                           "{}",
                           "{\"items\":[]}",
                           "{\"metadata\":{\"resourceVersion\":7}}",
                           "{\"kind\":\"Status\",\"metadata\":{\"resourceVersion\":\"7\"}}",
                           "{\"metadata\":{\"resourceVersion\":\"7\"}}{}"}) {
    EXPECT_THAT(Decode(text).error, StartsWith("the answer is not a list: ")) << text;
  }
}

}  // namespace
}  // namespace sluice::kube
