#include "agent/complaint_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

kube::Complaint About(store::ObjectKind kind, const std::string& text) {
  kube::ObjectRef object;
  object.kind = kind;
  return {.text = text, .object = object};
}

TEST(ComplaintLogTest, WhatIsInForceIsCountedByKind) {
  ComplaintLog log;
  log.Take(std::vector{About(store::ObjectKind::kPod, "Pod a/b: spec"),
                       About(store::ObjectKind::kPod, "Pod a/c: spec"),
                       kube::Complaint{.text = "pods: watch refused"}});
  EXPECT_THAT(log.lines(), ElementsAre("Pod a/b: spec", "Pod a/c: spec", "pods: watch refused"));
  EXPECT_THAT(log.counts(), ElementsAre(Pair("Pod", 2), Pair("watch", 1)));
}

TEST(ComplaintLogTest, WhatIsNoLongerInForceIsForgotten) {
  ComplaintLog log;
  log.Take(std::vector{About(store::ObjectKind::kPod, "Pod a/b: spec")});
  log.Take(std::vector<kube::Complaint>());
  EXPECT_THAT(log.lines(), IsEmpty());
  EXPECT_THAT(log.counts(), IsEmpty());
}

TEST(ComplaintLogTest, ManifestsAreOneKind) {
  ComplaintLog log;
  manifests::Complaint complaint;
  complaint.text = "no such kind";
  log.Take(std::vector{complaint});
  EXPECT_THAT(log.counts(), ElementsAre(Pair("manifest", 1)));
}

}  // namespace
}  // namespace sluice
