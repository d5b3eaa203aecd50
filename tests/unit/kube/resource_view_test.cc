#include "agent/kube/resource_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Type = ObjectChange::Type;

ApiObject Good(const std::string& name) {
  store::Pod pod;
  pod.key = {"shop", name};
  return {pod.key, "1", store::Object(pod), {}};
}
ApiObject Bad(const std::string& name) {
  return {
      store::ObjectKey{"shop", name}, "1", decode::DecodeError{"Pod shop/" + name, "f", "x"}, {}};
}
ApiObject Nameless() { return {std::nullopt, "", decode::DecodeError{"Pod", "", "x"}, {}}; }

class ResourceViewTest : public testing::Test {
 protected:
  // "+a" is there, "-a" is gone.
  std::vector<std::string> Events() {
    std::vector<std::string> events;
    for (const store::StoreEvent& event : view_.TakeEvents()) {
      EXPECT_EQ(event.kind, store::ObjectKind::kPod);
      events.push_back((event.object ? "+" : "-") + event.key.name);
    }
    return events;
  }
  std::vector<std::string> Complaints() const {
    std::vector<std::string> complaints;
    for (const Complaint& complaint : view_.Complaints()) complaints.push_back(complaint.text);
    return complaints;
  }
  void List(std::vector<ApiObject> objects) {
    view_.BeginList();
    for (ApiObject& object : objects) view_.Collect({Type::kPut, std::move(object)});
    view_.EndList();
  }

  ResourceView view_{Resource::kPods};
};

TEST_F(ResourceViewTest, ChangesAreInForceAtOnce) {
  view_.Put(Good("a"));
  view_.Put(Good("a"));
  view_.Delete(Good("a"));
  view_.Delete(Good("a"));
  view_.Delete(Good("never"));
  EXPECT_THAT(Events(), ElementsAre("+a", "+a", "-a"));
}

TEST_F(ResourceViewTest, AListReplacesAllInOneBatchWhenItEnds) {
  view_.Put(Good("a"));
  view_.Put(Good("b"));
  Events();

  view_.BeginList();
  view_.Collect({Type::kPut, Good("b")});
  view_.Collect({Type::kPut, Good("c")});
  EXPECT_THAT(Events(), IsEmpty());
  view_.EndList();
  EXPECT_THAT(Events(), ElementsAre("-a", "+b", "+c"));
}

TEST_F(ResourceViewTest, AListThatIsBegunAgainForgetsWhatWasCollected) {
  view_.BeginList();
  view_.Collect({Type::kPut, Good("a")});
  List({Good("b")});
  EXPECT_THAT(Events(), ElementsAre("+b"));
}

TEST_F(ResourceViewTest, WhatComesAndGoesWhileCollectingIsNotThere) {
  view_.BeginList();
  view_.Collect({Type::kPut, Good("a")});
  view_.Collect({Type::kDeleted, Good("a")});
  view_.EndList();
  EXPECT_THAT(Events(), IsEmpty());
}

TEST_F(ResourceViewTest, AnObjectThatMakesNoSenseKeepsItsLastGoodVersion) {
  view_.Put(Good("a"));
  view_.Put(Bad("a"));
  EXPECT_THAT(Events(), ElementsAre("+a"));
  EXPECT_THAT(Complaints(), ElementsAre("Pod shop/a: f: x"));

  List({Bad("a"), Bad("new")});
  EXPECT_THAT(Events(), IsEmpty());
  EXPECT_THAT(Complaints(), ElementsAre("Pod shop/a: f: x", "Pod shop/new: f: x"));

  List({});
  EXPECT_THAT(Events(), ElementsAre("-a"));
  EXPECT_THAT(Complaints(), IsEmpty());
}

TEST_F(ResourceViewTest, AComplaintGoesWithItsCause) {
  view_.Put(Bad("a"));
  view_.Put(Bad("b"));
  view_.Put(Good("a"));
  view_.Delete(Bad("b"));
  EXPECT_THAT(Complaints(), IsEmpty());
  EXPECT_THAT(Events(), ElementsAre("+a"));
}

TEST_F(ResourceViewTest, ANamelessObjectMayBeAnyThatIsMissing) {
  List({Good("a"), Good("b")});
  Events();
  List({Good("b"), Nameless()});
  EXPECT_THAT(Events(), ElementsAre("+b"));
  List({Good("b")});
  EXPECT_THAT(Events(), ElementsAre("-a", "+b"));
}

TEST_F(ResourceViewTest, AWarningIsAboutAnObjectInForce) {
  ApiObject object = Good("a");
  object.warning = "Pod shop/a: old";
  object.uid = "u-1";
  object.resource_version = "7";
  view_.Put(std::move(object));
  EXPECT_THAT(Events(), ElementsAre("+a"));
  EXPECT_THAT(view_.Complaints(),
              ElementsAre(Complaint{Complaint::Severity::kWarning, "Pod shop/a: old",
                                    ObjectRef{.kind = store::ObjectKind::kPod,
                                              .key = {"shop", "a"},
                                              .uid = "u-1",
                                              .resource_version = "7"}}));
}

}  // namespace
}  // namespace sluice::kube
