// Mutated manifests: whatever the text, there is an answer, and it is the same every time.
#include <gtest/gtest.h>

#include <random>

#include "agent/manifests/manifest_parser.h"
#include "tests/fakes/mutated_text.h"
#include "tests/unit/manifests/texts.h"

namespace sluice::manifests {
namespace {

std::vector<std::string> Corpus() {
  return {
      NamespaceText("x") + "---\n" + PodText("a", "web") + "---\n" + PolicyText("p", "80"),
      "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata:\n  name: p\n"
      "  namespace: x\nspec:\n  podSelector:\n    matchLabels: {role: db}\n    matchExpressions:\n"
      "    - {key: tier, operator: NotIn, values: [a, b]}\n  policyTypes: [Ingress, Egress]\n"
      "  ingress:\n  - from:\n    - ipBlock:\n        cidr: 172.17.0.0/16\n        except:\n"
      "        - 172.17.1.0/24\n    - namespaceSelector: {matchLabels: {project: myproject}}\n"
      "    - podSelector:\n        matchLabels: {role: frontend}\n    ports:\n"
      "    - protocol: TCP\n      port: 6379\n      endPort: 7000\n  egress:\n  - to: []\n"
      "    ports: [{protocol: UDP, port: dns}, {}]\n",
      "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"v1\",\"kind\":\"Pod\","
      "\"metadata\":{\"name\":\"a\",\"labels\":{\"a\":\"b\"}},\"spec\":{\"containers\":[{\"ports\":"
      "["
      "{\"name\":\"http\",\"containerPort\":80}]}]},\"status\":{\"podIPs\":[{\"ip\":\"10.0.0.1\"}]}"
      "}]}",
      "base: &base {apiVersion: v1, kind: Namespace}\n---\na: &a [1, 0x1F, 1.5e3, ~, !!str 7]\n"
      "b: {<<: {c: d}, e: *a}\n? k\n: |\n  text\n  more\n",
  };
}

const std::vector<std::string>& Tokens() {
  static const std::vector<std::string> tokens = {
      ":",    "- ",     "\n",      "  ",         "{",    "}",  "[",   "]",   "&a ",     "*a",
      "<<: ", "!!int ", "|",       ">",          "'",    "\"", "---", "...", "null",    "yes",
      "-1",   "65536",  "1e9",     "\t",         "? ",   "#",  ",",   "%",   "@",       "\x04",
      "\x80", "\xef",   "items: ", "kind: List", "::/0", "0",  "\\x", "~",   "spec: {}"};
  return tokens;
}

TEST(ManifestFuzzTest, EveryMutantIsAnsweredAndNoneCrashes) {
  const auto corpus = Corpus();
  std::mt19937 random(20231117);
  size_t objects = 0;
  size_t refusals = 0;
  for (int i = 0; i < 20000; ++i) {
    const std::string text = fakes::MutatedText(corpus[random() % corpus.size()], Tokens(), random);
    const auto parsed = ParseManifest(text);
    if (const auto* error = std::get_if<YamlSyntaxError>(&parsed)) {
      ASSERT_FALSE(error->reason.empty()) << text;
      ++refusals;
      continue;
    }
    for (const ManifestEntry& entry : std::get<0>(parsed)) {
      ASSERT_GE(entry.line, 1) << text;
      if (const auto* refused = std::get_if<RefusedDocument>(&entry.content)) {
        ASSERT_FALSE(refused->reason.empty()) << text;
        ASSERT_EQ(refused->reason.find('\n'), std::string::npos) << text;
        ++refusals;
      } else if (const auto* object = std::get_if<store::Object>(&entry.content)) {
        ASSERT_FALSE(KeyOf(*object).name.empty()) << text;
        ++objects;
      }
    }
  }
  // The mutants are neither all nonsense nor all good.
  EXPECT_GT(objects, 2000U);
  EXPECT_GT(refusals, 2000U);
}

}  // namespace
}  // namespace sluice::manifests
