#include "agent/ovsdb/transaction.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::ovsdb {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Transaction InsertAndBump() {
  Transaction transaction;
  const Datum port = transaction.Insert("Port", {{"name", Datum::Text("a")}});
  transaction.Mutate({.table = "Bridge", .uuid = "B"},
                     {.column = "ports", .mutator = "insert", .value = port});
  transaction.BumpNextCfg();
  return transaction;
}

Result<TransactionReply> Read(const std::string& reply) {
  rapidjson::Document document;
  document.Parse(reply.c_str());
  EXPECT_FALSE(document.HasParseError()) << reply;
  return InsertAndBump().ReadReply(document);
}

TEST(TransactionTest, WritesOperationsInOrder) {
  EXPECT_EQ(
      InsertAndBump().Params(),
      R"(["Open_vSwitch",)"
      R"({"op":"insert","table":"Port","row":{"name":"a"},"uuid-name":"row0"},)"
      R"({"op":"mutate","table":"Bridge","where":[["_uuid","==",["uuid","B"]]],)"
      R"("mutations":[["ports","insert",["named-uuid","row0"]]]},)"
      R"({"op":"mutate","table":"Open_vSwitch","where":[],"mutations":[["next_cfg","+=",1]]},)"
      R"({"op":"select","table":"Open_vSwitch","where":[],"columns":["next_cfg"]}])");
}

TEST(TransactionTest, EscapesWhatUsersWrote) {
  rapidjson::Document document;
  const std::string nasty = "a\"],\n\\\x01é";
  document.Parse(Datum::Map({{nasty, nasty}}).json.c_str());
  ASSERT_FALSE(document.HasParseError());
  EXPECT_EQ(document[1][0][0].GetString(), nasty);
  EXPECT_EQ(document[1][0][1].GetString(), nasty);
}

TEST(TransactionTest, ReadsUuidsAndNextCfg) {
  const auto reply =
      Read(R"([{"uuid":["uuid","P"]},{"count":1},{"count":1},{"rows":[{"next_cfg":42}]}])");
  ASSERT_TRUE(reply.ok()) << reply.error().message();
  EXPECT_THAT(reply->inserted, ElementsAre("P"));
  EXPECT_EQ(reply->next_cfg, 42);
}

TEST(TransactionTest, ARowThatIsGoneIsRefused) {
  const auto reply =
      Read(R"([{"uuid":["uuid","P"]},{"count":0},{"count":1},{"rows":[{"next_cfg":42}]}])");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error().code(), ErrorCode::kRefused);
  EXPECT_THAT(reply.error().message(), HasSubstr("Bridge.ports"));
}

TEST(TransactionTest, AnErrorOfAnOperationIsRefusedByName) {
  const auto reply =
      Read(R"([{"error":"constraint violation","details":"too long"},null,null,null])");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error(), Refused("insert into Port: constraint violation: too long"));
}

TEST(TransactionTest, AnErrorOfTheCommitIsInTheExtraElement) {
  const auto reply =
      Read(R"([{"uuid":["uuid","P"]},{"count":1},{"count":1},{"rows":[{"next_cfg":42}]},)"
           R"({"error":"constraint violation","details":"two rows named a"}])");
  ASSERT_FALSE(reply.ok());
  EXPECT_EQ(reply.error(), Refused("commit: constraint violation: two rows named a"));
}

TEST(TransactionTest, RefusesRepliesThatMakeNoSense) {
  for (const char* reply :
       {"{}", "null", "[]", "[7,7,7,7]", R"([{},{},{},{}])", R"([{"uuid":7}])",
        R"([{"uuid":["uuid","P"]},{"count":1}])", R"([{"uuid":["uuid","P"]},{"count":"1"}])",
        R"([{"uuid":["uuid","P"]},{"count":1},{"count":1},{"rows":[]}])",
        R"([{"uuid":["uuid","P"]},{"count":1},{"count":1},{"rows":[7]}])",
        R"([{"uuid":["uuid","P"]},{"count":1},{"count":1},{"rows":[{"next_cfg":"1"}]}])"}) {
    EXPECT_FALSE(Read(reply).ok()) << reply;
  }
}

}  // namespace
}  // namespace sluice::ovsdb
