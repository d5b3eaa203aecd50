#include "agent/manifests/manifest_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "tests/unit/manifests/texts.h"

namespace sluice::manifests {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

// "+Pod default/a", "-Namespace x".
std::vector<std::string> Texts(const std::vector<store::StoreEvent>& events) {
  std::vector<std::string> texts;
  for (const store::StoreEvent& event : events) {
    texts.push_back((event.object ? "+" : "-") + std::string(ToString(event.kind)) + " " +
                    event.key.ToString());
  }
  return texts;
}

std::vector<std::string> Complaints(const ManifestSet& set) {
  std::vector<std::string> texts;
  for (const Complaint& complaint : set.Complaints()) {
    const bool error = complaint.severity == Complaint::Severity::kError;
    texts.push_back((error ? "" : "warning ") + complaint.ToString());
  }
  return texts;
}

std::string LabelOfPod(const ManifestSet& set, const std::string& name) {
  for (const store::StoreEvent& event : set.Snapshot()) {
    if (event.key.name == name) return std::get<store::Pod>(*event.object).labels.at("app");
  }
  return "no such pod";
}

TEST(ManifestSetTest, TheNamespacesOfEveryClusterAreThere) {
  EXPECT_THAT(Texts(ManifestSet().Snapshot()),
              ElementsAre("+Namespace default", "+Namespace kube-node-lease",
                          "+Namespace kube-public", "+Namespace kube-system"));
}

TEST(ManifestSetTest, AManifestMayDefineABuiltInNamespace) {
  ManifestSet set;
  const std::string labelled =
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: default, labels: {a: b}}\n";

  const auto defined = set.Update("ns.yaml", labelled);
  const auto removed = set.Remove("ns.yaml");

  ASSERT_THAT(Texts(defined), ElementsAre("+Namespace default"));
  EXPECT_EQ(std::get<store::Namespace>(*defined[0].object).labels.size(), 2U);
  ASSERT_THAT(Texts(removed), ElementsAre("+Namespace default"));
  EXPECT_EQ(std::get<store::Namespace>(*removed[0].object).labels.size(), 1U);
}

TEST(ManifestSetTest, SaysOnlyWhatChanged) {
  ManifestSet set;

  EXPECT_THAT(Texts(set.Update("a.yaml", PodText("a", "1") + "---\n" + NamespaceText("x"))),
              ElementsAre("+Namespace x", "+Pod default/a"));
  EXPECT_THAT(set.Update("a.yaml", PodText("a", "1") + "---\n" + NamespaceText("x")), IsEmpty());
  EXPECT_THAT(Texts(set.Update("a.yaml", PodText("a", "2") + "---\n" + NamespaceText("x"))),
              ElementsAre("+Pod default/a"));
  EXPECT_THAT(Texts(set.Update("a.yaml", PodText("b", "2"))),
              ElementsAre("-Namespace x", "-Pod default/a", "+Pod default/b"));
  EXPECT_THAT(Texts(set.Remove("a.yaml")), ElementsAre("-Pod default/b"));
  EXPECT_THAT(set.Remove("never.yaml"), IsEmpty());
}

TEST(ManifestSetTest, AnObjectThatMovesToAnotherFileDoesNotFlicker) {
  ManifestSet set;
  set.Update("a.yaml", PodText("a", "1"));

  EXPECT_THAT(set.Apply({{"a.yaml", FileGone{}}, {"b.yaml", FileContent{PodText("a", "1")}}}),
              IsEmpty());
}

TEST(ManifestSetTest, ARefusedObjectKeepsItsLastGoodVersion) {
  ManifestSet set;
  set.Update("p.yaml", PolicyText("p", "80"));

  const auto events = set.Update("p.yaml", PolicyText("p", "70000"));

  EXPECT_THAT(events, IsEmpty());
  EXPECT_THAT(Complaints(set), ElementsAre("p.yaml:6: NetworkPolicy default/p: "
                                           "spec.ingress[0].ports[0].port: 70000 is not in "
                                           "1..65535"));
  EXPECT_THAT(Texts(set.Update("p.yaml", PolicyText("p", "81"))),
              ElementsAre("+NetworkPolicy default/p"));
  EXPECT_THAT(Complaints(set), IsEmpty());
}

TEST(ManifestSetTest, TheLastGoodVersionGoesWithTheDocumentThatNamesIt) {
  ManifestSet set;
  set.Update("p.yaml", PolicyText("p", "80"));
  set.Update("p.yaml", PolicyText("p", "70000"));

  EXPECT_THAT(Texts(set.Update("p.yaml", PolicyText("q", "70000"))),
              ElementsAre("-NetworkPolicy default/p"));
}

TEST(ManifestSetTest, TheLastGoodVersionGoesWithTheFile) {
  ManifestSet set;
  set.Update("p.yaml", PolicyText("p", "80"));
  set.Update("p.yaml", PolicyText("p", "70000"));

  EXPECT_THAT(Texts(set.Remove("p.yaml")), ElementsAre("-NetworkPolicy default/p"));
  EXPECT_THAT(Complaints(set), IsEmpty());
}

TEST(ManifestSetTest, ADocumentWithoutANameMayBeAnyThatIsMissing) {
  ManifestSet set;
  set.Update("p.yaml", PolicyText("p", "80") + "---\n" + PolicyText("q", "80"));

  const auto events = set.Update("p.yaml", "kind: NetworkPolicy\n---\n" + PolicyText("q", "81"));

  EXPECT_THAT(Texts(events), ElementsAre("+NetworkPolicy default/q"));
  EXPECT_THAT(Complaints(set), ElementsAre("p.yaml:1: NetworkPolicy: apiVersion: is missing"));
}

TEST(ManifestSetTest, WhatIsNotYamlKeepsTheWholeFile) {
  ManifestSet set;
  set.Update("a.yaml", PodText("a", "1") + "---\n" + PolicyText("p", "80"));

  const auto events = set.Update("a.yaml", NamespaceText("x") + "---\na: [\n");

  EXPECT_THAT(events, IsEmpty());
  EXPECT_THAT(Complaints(set), ElementsAre(StartsWith("a.yaml:")));
  EXPECT_THAT(Complaints(set)[0], testing::HasSubstr("not valid YAML: "));
}

TEST(ManifestSetTest, AnUnreadableFileKeepsWhatItSaid) {
  ManifestSet set;
  set.Update("a.yaml", PodText("a", "1"));

  EXPECT_THAT(set.Apply({{"a.yaml", FileUnreadable{"cannot be read: no"}}}), IsEmpty());
  EXPECT_THAT(Complaints(set), ElementsAre("a.yaml: cannot be read: no"));
}

TEST(ManifestSetTest, OneBadDocumentHarmsNoOther) {
  ManifestSet set;

  const auto events = set.Update("a.yaml", PolicyText("p", "0") + "---\n" + PodText("a", "1"));

  EXPECT_THAT(Texts(events), ElementsAre("+Pod default/a"));
}

TEST(ManifestSetTest, OfTwoFilesTheFirstByNameCounts) {
  ManifestSet set;
  set.Update("b.yaml", PodText("a", "b"));
  EXPECT_EQ(LabelOfPod(set, "a"), "b");

  set.Update("a.yaml", NamespaceText("x") + "---\n" + PodText("a", "a"));

  EXPECT_EQ(LabelOfPod(set, "a"), "a");
  EXPECT_THAT(Complaints(set),
              ElementsAre("b.yaml:1: Pod default/a: already defined in a.yaml:5, which counts"));
  EXPECT_THAT(Texts(set.Remove("a.yaml")), ElementsAre("-Namespace x", "+Pod default/a"));
  EXPECT_EQ(LabelOfPod(set, "a"), "b");
  EXPECT_THAT(Complaints(set), IsEmpty());
}

TEST(ManifestSetTest, OfTwoDocumentsTheFirstCounts) {
  ManifestSet set;

  set.Update("a.yaml", PodText("a", "1") + "---\n" + PodText("a", "2"));

  EXPECT_EQ(LabelOfPod(set, "a"), "1");
  EXPECT_THAT(Complaints(set),
              ElementsAre("a.yaml:9: Pod default/a: already defined in line 1, which counts"));
}

TEST(ManifestSetTest, UnknownKindsAreNamedOnce) {
  ManifestSet set;
  const std::string deployment = "apiVersion: apps/v1\nkind: Deployment\n";
  set.Update("b.yaml", deployment + "---\n" + deployment);
  set.Update("a.yaml", "---\n" + deployment);

  EXPECT_THAT(
      Complaints(set),
      ElementsAre("warning a.yaml:2: Deployment (apps/v1) is not used here; objects of this "
                  "kind are skipped"));
}

TEST(ManifestSetTest, ANamespaceThatDoesNotExistIsAComplaintAndNoMore) {
  ManifestSet set;
  const std::string pod =
      "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\nspec: {containers: [{}]}\n";

  EXPECT_THAT(Texts(set.Update("a.yaml", pod)), ElementsAre("+Pod x/a"));
  EXPECT_THAT(Complaints(set), ElementsAre("a.yaml:1: Pod x/a: namespace \"x\" not found"));
  set.Update("z.yaml", NamespaceText("x"));
  EXPECT_THAT(Complaints(set), IsEmpty());
}

TEST(ManifestSetTest, TheOrderOfFilesDoesNotMatter) {
  const std::map<std::string, std::string> files = {
      {"1.yaml", PodText("a", "1") + "---\n" + PolicyText("p", "80")},
      {"2.yaml", PodText("a", "2") + "---\n" + PodText("b", "2")},
      {"3.yaml", PodText("b", "3") + "---\n" + PodText("a", "3") + "---\n" + NamespaceText("x")},
      {"4.yaml", NamespaceText("default") + "---\n" + PolicyText("p", "0")},
      {"5.yaml", "a: ["},
  };
  ManifestSet reference;
  for (const auto& [file, text] : files) reference.Update(file, text);
  const auto expected = reference.Snapshot();
  const auto complaints = Complaints(reference);
  std::mt19937 random(7);
  std::vector<std::string> order;
  for (const auto& [file, text] : files) order.insert(order.end(), 2, file);

  for (int round = 0; round < 50; ++round) {
    ManifestSet set;
    std::map<store::ObjectKind, std::map<store::ObjectKey, store::Object>> store;
    const auto follow = [&](const std::vector<store::StoreEvent>& events) {
      for (const auto& event : events) {
        if (event.object) {
          store[event.kind].insert_or_assign(event.key, *event.object);
        } else {
          store[event.kind].erase(event.key);
        }
      }
    };
    follow(set.Snapshot());
    std::shuffle(order.begin(), order.end(), random);
    // Files that come, go and come back, some of them in one batch.
    for (const std::string& file : order) {
      if (random() % 3 == 0) follow(set.Remove(order[random() % order.size()]));
      follow(set.Update(file, files.at(file)));
    }
    std::vector<FileChange> again;
    for (const std::string& file : order) again.push_back({file, FileContent{files.at(file)}});
    follow(set.Apply(again));

    ASSERT_EQ(set.Snapshot(), expected) << round;
    ASSERT_EQ(Complaints(set), complaints) << round;
    std::vector<store::StoreEvent> followed;
    for (const auto& [kind, objects] : store) {
      for (const auto& [key, object] : objects) followed.push_back({kind, key, object});
    }
    ASSERT_EQ(followed, expected) << round;
  }
}

}  // namespace
}  // namespace sluice::manifests
