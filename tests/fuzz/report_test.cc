// What is printed is YAML that the agent, and so the playground, reads.
#include "tests/fuzz/report.h"

#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include <boost/json.hpp>

#include "agent/manifests/manifest_parser.h"
#include "tests/fuzz/generator.h"
#include "tests/fuzz/quoted.h"

namespace sluice::fuzz {
namespace {

store::Object Decoded(const boost::json::object& manifest) {
  rapidjson::Document document;
  document.Parse(boost::json::serialize(manifest).c_str());
  auto result = decode::DecodeObject(document, decode::Validation::kCreate);
  return std::get<decode::DecodedObject>(result).object.value();
}

TEST(ReportTest, PrintsYaml) {
  EXPECT_EQ(ToYaml(Quoted("{'a':{'b':[{'c':1,'d':[]},{},'x: #']},'e':{},'f':[[1,2]],'g':null}")),
            "a:\n"
            "  b:\n"
            "    - c: 1\n"
            "      d: []\n"
            "    - {}\n"
            "    - \"x: #\"\n"
            "e: {}\n"
            "f:\n"
            "  - - 1\n"
            "    - 2\n"
            "g: null\n");
}

TEST(ReportTest, SetsTheEndApartFromWhatWasBefore) {
  Failure failure;
  failure.seed = 7;
  failure.history.events = {PutPod("p", "{'k':'1'}"), PutPod("p", "{'k':'2'}"),
                            Delete{store::ObjectKind::kPod, {"a", "q"}}};
  failure.disagreement = {"engine", {}, {"oracle: open", "engine: isolated"}};

  EXPECT_EQ(ToYaml(failure),
            "# sluice-fuzz, seed 7: engine disagrees\n"
            "# oracle: open\n"
            "# engine: isolated\n"
            "# Event by event:\n"
            "# for a while:\n"
            "# kind: \"Pod\"\n"
            "# metadata:\n"
            "#   name: \"p\"\n"
            "#   namespace: \"a\"\n"
            "#   labels:\n"
            "#     k: \"1\"\n"
            "---\n"
            "kind: \"Pod\"\n"
            "metadata:\n"
            "  name: \"p\"\n"
            "  namespace: \"a\"\n"
            "  labels:\n"
            "    k: \"2\"\n"
            "# delete Pod a/q\n");
}

TEST(ReportTest, TheAgentReadsWhatIsPrinted) {
  size_t read = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Generator generator({.seed = seed, .features = {}});
    if (generator.world().odd()) continue;
    Failure failure{seed, {}, {"engine", {}, {"oracle: # not a comment\n--- nor a document"}}};
    for (int i = 0; i < 40; ++i) failure.history.events.push_back(generator.Next());
    std::map<ManifestId, store::Object> expected;
    for (const Event& event : EndOf(failure.history.events)) {
      const auto* put = std::get_if<Put>(&event);
      if (put != nullptr) expected.emplace(IdOf(put->manifest), Decoded(put->manifest));
    }

    const auto parsed = manifests::ParseManifest(ToYaml(failure));

    const auto* entries = std::get_if<std::vector<manifests::ManifestEntry>>(&parsed);
    ASSERT_NE(entries, nullptr) << ToYaml(failure);
    ASSERT_EQ(entries->size(), expected.size());
    for (const manifests::ManifestEntry& entry : *entries) {
      const auto* object = std::get_if<store::Object>(&entry.content);
      ASSERT_NE(object, nullptr) << ToYaml(failure);
      const ManifestId id{store::KindOf(*object), store::KeyOf(*object)};
      EXPECT_EQ(*object, expected.at(id)) << id.key.ToString();
      ++read;
    }
  }
  EXPECT_GT(read, 200u);
}

}  // namespace
}  // namespace sluice::fuzz
