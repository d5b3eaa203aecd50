// Mutated bodies in chunks split anywhere: whatever comes, there is an answer, the same answer
// however it is split, and an object always has either content or a reason.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "agent/kube/list_decoder.h"
#include "agent/kube/watch_decoder.h"
#include "tests/fakes/mutated_text.h"
#include "tests/unit/kube/texts.h"

namespace sluice::kube {
namespace {

constexpr size_t kMaxBytes = 1500;  // the corpus has objects above and below

std::string Policy() {
  return PolicyItem("p", "3",
                    R"({"podSelector":{"matchLabels":{"a":"b"}},"ingress":[{"from":[{"ipBlock":)"
                    R"({"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}}],"ports":[{"port":80}]}]})");
}

std::string Node() {
  return "{" + Meta("n", "4") + R"(,"spec":{"podCIDR":"10.244.1.0/24","podCIDRs":)" +
         R"(["10.244.1.0/24","fd00:10:244:1::/64"]},"status":{"addresses":[)" +
         R"({"type":"InternalIP","address":"172.30.0.1"},{"type":"Hostname","address":"n"}]}})";
}

std::vector<std::string> Lists() {
  const std::string huge = "{" + Meta("h", "1") + R"(,"x":")" + std::string(2000, 'x') + "\"}";
  return {ListOf({PodItem("a", "1"), PodItem("b", "2", "fd00::7")}, "17", "next"),
          ListOf({Policy(), huge}, "18"), ListOf({Node(), Node()}, "20"), ListOf({}, "19"),
          StatusOf(410, "Expired", "too old")};
}

std::vector<std::string> Watches() {
  return {
      EventOf("ADDED", PodItem("a", "1")) + BookmarkOf("5") + EventOf("DELETED", PodItem("a", "6")),
      EventOf("MODIFIED", Policy()) + EventOf("ERROR", StatusOf(410, "Expired", "too old")),
      EventOf("MODIFIED", Node()) + EventOf("DELETED", Node()),
      BookmarkOf("99", R"(,"annotations":{"k8s.io/initial-events-end":"true"})")};
}

const std::vector<std::string>& Tokens() {
  static const std::vector<std::string> tokens = {"{",
                                                  "}",
                                                  "[",
                                                  "]",
                                                  "\"",
                                                  "\\",
                                                  ":",
                                                  ",",
                                                  "null",
                                                  "1e999",
                                                  "-",
                                                  "true",
                                                  "\\u",
                                                  "\x80",
                                                  "\xff\xfe",
                                                  "\n",
                                                  "\"items\":",
                                                  "\"metadata\":",
                                                  "\"name\":",
                                                  "\"type\":",
                                                  "\"object\":",
                                                  "\\\"",
                                                  "18446744073709551616",
                                                  "\"resourceVersion\":\"\"",
                                                  std::string(1, '\0')};
  return tokens;
}

std::string Describe(const ApiObject& object) {
  const std::string name = object.key ? object.key->ToString() : "?";
  if (const auto* refused = std::get_if<decode::DecodeError>(&object.content)) {
    EXPECT_FALSE(refused->message.empty());
    return name + " refused: " + refused->ToString() + "; ";
  }
  EXPECT_TRUE(object.key.has_value());
  return name + " " + object.resource_version + object.warning.value_or("") + "; ";
}

// In chunks of random sizes; a `whole` chunk is all of it.
class Splitter {
 public:
  Splitter(std::string_view text, size_t largest, std::mt19937& random)
      : text_(text), largest_(largest), random_(random) {}

  bool done() const { return text_.empty(); }
  std::string Next() {
    const size_t size = std::min<size_t>(text_.size(), 1 + random_() % largest_);
    std::string chunk(text_.substr(0, size));  // its own allocation: an overrun is seen
    text_.remove_prefix(size);
    return chunk;
  }

 private:
  std::string_view text_;
  size_t largest_;
  std::mt19937& random_;
};

std::string ListOutcome(Resource resource, Splitter splitter) {
  ListDecoder decoder(resource, kMaxBytes);
  std::string outcome;
  while (!splitter.done()) {
    const std::string chunk = splitter.Next();
    const auto objects = decoder.Feed(chunk);
    if (!objects.ok()) return "no list: " + objects.error().message();
    for (const ApiObject& object : *objects) outcome += Describe(object);
  }
  const auto meta = decoder.Finish();
  if (!meta.ok()) return outcome + meta.error().message();
  return outcome + "version " + meta->resource_version + " then " + meta->continue_token;
}

std::string WatchOutcome(Resource resource, Splitter splitter) {
  WatchDecoder decoder(resource, kMaxBytes);
  std::string outcome;
  while (!splitter.done()) {
    const std::string chunk = splitter.Next();
    const auto events = decoder.Feed(chunk);
    if (!events.ok()) return "no watch: " + events.error().message();
    for (const WatchEvent& event : *events) {
      if (const auto* change = std::get_if<ObjectChange>(&event)) {
        outcome += Describe(change->object);
      } else if (const auto* bookmark = std::get_if<Bookmark>(&event)) {
        outcome += "bookmark " + bookmark->resource_version + "; ";
      } else {
        outcome += std::get<ApiStatus>(event).ToString() + "; ";
      }
    }
  }
  return outcome;
}

template <typename Outcome>
void Fuzz(const std::vector<std::string>& corpus, Outcome outcome) {
  std::mt19937 random(20261125);
  size_t good = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string text = fakes::MutatedText(corpus[random() % corpus.size()], Tokens(), random);
    const Resource resource = kResources[random() % kResources.size()];
    const std::string bytewise = outcome(resource, Splitter(text, 1, random));
    ASSERT_EQ(outcome(resource, Splitter(text, 300, random)), bytewise) << text;
    ASSERT_EQ(outcome(resource, Splitter(text, 1 << 20, random)), bytewise) << text;
    good += bytewise.substr(0, 3) == "no " ? 0 : 1;
  }
  // The mutants are neither all nonsense nor all good.
  EXPECT_GT(good, 2000U);
  EXPECT_LT(good, 9000U);
}

TEST(DecoderFuzzTest, ListsAreTheSameHoweverTheyAreSplit) { Fuzz(Lists(), ListOutcome); }

TEST(DecoderFuzzTest, WatchesAreTheSameHoweverTheyAreSplit) { Fuzz(Watches(), WatchOutcome); }

}  // namespace
}  // namespace sluice::kube
