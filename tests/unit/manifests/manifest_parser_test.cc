#include "agent/manifests/manifest_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/manifests/texts.h"

namespace sluice::manifests {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

// One line per object: "<line> Pod default/a", "<line> skipped Deployment", "<line> <reason>".
std::vector<std::string> Parse(const std::string& text) {
  const auto parsed = ParseManifest(text);
  if (const auto* error = std::get_if<YamlSyntaxError>(&parsed)) {
    return {"syntax " + std::to_string(error->line)};
  }
  std::vector<std::string> lines;
  for (const ManifestEntry& entry : std::get<0>(parsed)) {
    std::string line = std::to_string(entry.line) + " ";
    if (const auto* object = std::get_if<store::Object>(&entry.content)) {
      line += std::string(ToString(KindOf(*object))) + " " + KeyOf(*object).ToString();
    } else if (const auto* unknown = std::get_if<UnknownKind>(&entry.content)) {
      line += "skipped " + unknown->kind;
    } else {
      const auto& refused = std::get<RefusedDocument>(entry.content);
      line += (refused.identity ? "" : "(unnamed) ") + refused.reason;
    }
    lines.push_back(line);
  }
  return lines;
}

TEST(ManifestParserTest, EveryDocumentIsAnObjectOfItsOwn) {
  EXPECT_THAT(Parse("# first\n---\n" + NamespaceText("x") + "---\n---\n" + PodText("a", "web") +
                    "---\n" + PolicyText("p", "80") + "---\n# last\n"),
              ElementsAre("3 Namespace x", "8 Pod default/a", "16 NetworkPolicy default/p"));
  EXPECT_THAT(Parse(""), ElementsAre());
  EXPECT_THAT(Parse("# only a comment\n"), ElementsAre());
}

TEST(ManifestParserTest, ARefusalHasTheLineOfTheField) {
  EXPECT_THAT(Parse(PodText("a", "web") + "---\n" + PolicyText("p", "70000")),
              ElementsAre("1 Pod default/a",
                          "14 NetworkPolicy default/p: spec.ingress[0].ports[0].port: 70000 is not "
                          "in 1..65535"));
}

TEST(ManifestParserTest, AMissingFieldHasTheLineOfWhatIsAroundIt) {
  EXPECT_THAT(Parse("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n  x: 1\n"),
              ElementsAre("5 Pod default/a: spec.containers: at least one container is required"));
}

TEST(ManifestParserTest, OtherKindsAreNamed) {
  EXPECT_THAT(Parse("apiVersion: apps/v1\nkind: Deployment\n"),
              ElementsAre("1 skipped Deployment"));
}

TEST(ManifestParserTest, ListsAreTakenApart) {
  EXPECT_THAT(Parse("apiVersion: v1\nkind: List\nitems:\n"
                    "- {apiVersion: v1, kind: Namespace, metadata: {name: x}}\n"
                    "- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: A\n"
                    "- {apiVersion: v1, kind: Service}\n"
                    "- apiVersion: v1\n  kind: List\n  items:\n"
                    "  - {apiVersion: v1, kind: Namespace, metadata: {name: z}}\n"),
              ElementsAre("4 Namespace x", StartsWith("8 Pod default/A: metadata.name: "),
                          "9 skipped Service", "13 Namespace z"));
}

TEST(ManifestParserTest, ItemsOfATypedListNeedNotSayTheirKind) {
  EXPECT_THAT(Parse("apiVersion: v1\nkind: PodList\nitems:\n"
                    "- metadata: {name: a}\n  spec: {containers: [{}]}\n"),
              ElementsAre("4 Pod default/a"));
  EXPECT_THAT(Parse("apiVersion: v1\nkind: NamespaceList\nitems: [{metadata: {name: x}}]\n"),
              ElementsAre("3 Namespace x"));
  EXPECT_THAT(Parse("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicyList\nitems:\n"
                    "- metadata: {name: p}\n  spec: {podSelector: {}}\n"),
              ElementsAre("4 NetworkPolicy default/p"));
}

TEST(ManifestParserTest, ListsThatMakeNoSense) {
  EXPECT_THAT(Parse("apiVersion: v1\nkind: List\n"), ElementsAre());
  EXPECT_THAT(Parse("apiVersion: v1\nkind: List\nitems: 7\n"),
              ElementsAre("3 (unnamed) document: items: a list was expected"));
  EXPECT_THAT(Parse("apiVersion: v1\nkind: List\nitems: [7]\n"),
              ElementsAre("3 (unnamed) document: a Kubernetes object was expected, the number 7 "
                          "found"));
  EXPECT_THAT(Parse("apiVersion: v1\nkind: ServiceList\nitems: [7]\n"),
              ElementsAre("1 skipped ServiceList"));
}

TEST(ManifestParserTest, AKeyGivenTwiceRefusesItsDocumentOnly) {
  EXPECT_THAT(Parse("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  x: 1\n  x: 2\n---\n" +
                    NamespaceText("x")),
              ElementsAre("6 Pod default/a: the key \"x\" is given twice", "8 Namespace x"));
}

TEST(ManifestParserTest, WhatIsNotYamlIsRefusedAsAWhole) {
  EXPECT_THAT(Parse(NamespaceText("x") + "---\na: [\n"), ElementsAre(StartsWith("syntax ")));
  EXPECT_THAT(Parse(NamespaceText("x") + " y: 1\n"), ElementsAre("syntax 4"));
}

TEST(ManifestParserTest, DocumentsThatAreNoObjects) {
  EXPECT_THAT(Parse("hello\n"),
              ElementsAre("1 (unnamed) document: a Kubernetes object was expected, the string "
                          "\"hello\" found"));
  EXPECT_THAT(Parse("kind: Pod\n"), ElementsAre("1 (unnamed) Pod: apiVersion: is missing"));
}

}  // namespace
}  // namespace sluice::manifests
