#include "agent/store/objects.h"

#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::store {
namespace {

using fakes::Absent;
using fakes::Block;
using fakes::Exists;
using fakes::In;
using fakes::Ip;
using fakes::Is;
using fakes::NotIn;
using fakes::Where;

TEST(LabelSelectorTest, EmptySelectsEverything) {
  EXPECT_TRUE(LabelSelector{}.Matches({}));
  EXPECT_TRUE(LabelSelector{}.Matches({{"app", "web"}}));
}

TEST(LabelSelectorTest, AllRequirementsMustHold) {
  const LabelSelector selector = Where({Is("app", "web"), NotIn("tier", {"db"})});
  EXPECT_TRUE(selector.Matches({{"app", "web"}, {"tier", "front"}}));
  EXPECT_FALSE(selector.Matches({{"app", "web"}, {"tier", "db"}}));
  EXPECT_FALSE(selector.Matches({{"app", "api"}, {"tier", "front"}}));
}

TEST(LabelSelectorTest, AnEmptyValueNeedsTheKey) {
  EXPECT_TRUE(Where({Is("app", "")}).Matches({{"app", ""}}));
  EXPECT_FALSE(Where({Is("app", "")}).Matches({}));
}

TEST(LabelSelectorTest, InNeedsTheKeyAndOneOfTheValues) {
  const LabelSelector selector = Where({In("app", {"web", "api"})});
  EXPECT_TRUE(selector.Matches({{"app", "api"}}));
  EXPECT_TRUE(selector.Matches({{"app", "web"}}));
  EXPECT_FALSE(selector.Matches({{"app", "db"}}));
  EXPECT_FALSE(selector.Matches({}));
}

TEST(LabelSelectorTest, NotInHoldsForAnAbsentKey) {
  const LabelSelector selector = Where({NotIn("app", {"web", "api"})});
  EXPECT_TRUE(selector.Matches({}));
  EXPECT_TRUE(selector.Matches({{"app", "db"}}));
  EXPECT_FALSE(selector.Matches({{"app", "web"}}));
}

TEST(LabelSelectorTest, ExistsAndDoesNotExistLookAtTheKeyOnly) {
  EXPECT_TRUE(Where({Exists("app")}).Matches({{"app", ""}}));
  EXPECT_FALSE(Where({Exists("app")}).Matches({{"App", "x"}}));
  EXPECT_TRUE(Where({Absent("app")}).Matches({{"App", "x"}}));
  EXPECT_FALSE(Where({Absent("app")}).Matches({{"app", ""}}));
}

TEST(LabelSelectorTest, IsCaseSensitive) {
  EXPECT_FALSE(Where({Is("app", "web")}).Matches({{"app", "Web"}}));
}

TEST(LabelSelectorTest, SelectorsThatSayTheSameAreEqual) {
  const LabelSelector one = Where({Exists("b"), In("a", {"y", "x", "y"}), Exists("b")});
  const LabelSelector other = Where({In("a", {"x", "y"}), Exists("b")});
  EXPECT_EQ(one, other);
  EXPECT_EQ(one.ToString(), "a in (x,y),b");
}

TEST(LabelSelectorTest, TextTellsOperatorsApart) {
  EXPECT_EQ(Where({Is("a", "x"), NotIn("b", {"x"}), Exists("c"), Absent("d")}).ToString(),
            "a=x,b notin (x),c,!d");
}

// Predicates and rules are told apart by it.
TEST(LabelSelectorTest, TextTellsEmptyValuesFromNone) {
  const auto text = [](const std::vector<std::string>& values) {
    return Where({NotIn("a", values)}).ToString();
  };
  EXPECT_EQ(text({}), "a notin ()");
  EXPECT_EQ(text({""}), "a notin (\"\")");
  EXPECT_EQ(text({"", "y"}), "a notin (\"\",y)");
  EXPECT_EQ(text({"y"}), "a notin (y)");
}

TEST(IpBlockTest, CidrWithoutTheUnionOfItsExcepts) {
  const IpBlock block = Block("10.0.0.0/8", {"10.1.0.0/16", "10.1.2.0/24", "10.3.3.3/32"});
  EXPECT_TRUE(block.Contains(Ip("10.0.0.1")));
  EXPECT_FALSE(block.Contains(Ip("10.1.2.3")));
  EXPECT_FALSE(block.Contains(Ip("10.1.99.1")));
  EXPECT_FALSE(block.Contains(Ip("10.3.3.3")));
  EXPECT_TRUE(block.Contains(Ip("10.3.3.4")));
  EXPECT_FALSE(block.Contains(Ip("11.0.0.0")));
  EXPECT_FALSE(block.Contains(Ip("fd00::1")));
}

TEST(ObjectTest, KindAndKeyComeFromTheObject) {
  EXPECT_EQ(KeyOf(fakes::NamespaceOf("shop")), (ObjectKey{"", "shop"}));
  EXPECT_EQ(KindOf(fakes::PodBuilder("shop", "web")), ObjectKind::kPod);
  EXPECT_EQ(KeyOf(fakes::PolicyBuilder("shop", "deny")).ToString(), "shop/deny");
}

}  // namespace
}  // namespace sluice::store
