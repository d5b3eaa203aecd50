#include "agent/explain/question.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/builders.h"

namespace sluice::explain {
namespace {

using store::ObjectKey;
using store::Protocol;
using testing::HasSubstr;

std::string ErrorOf(const std::string& source, const std::string& target) {
  const auto question = ParseQuestion({source, target});
  return question.ok() ? "no error" : question.error().message();
}

TEST(QuestionTest, PartiesAreNamedAsPeopleNameThem) {
  EXPECT_EQ(*ParseParty("shop/db"), Party(ObjectKey{"shop", "db"}));
  EXPECT_EQ(*ParseParty("db"), Party(ObjectKey{"default", "db"}));
  EXPECT_EQ(*ParseParty("10.0.0.1"), Party(fakes::Ip("10.0.0.1")));
  EXPECT_EQ(*ParseParty("fd00::1"), Party(fakes::Ip("fd00::1")));
  EXPECT_EQ(*ParseParty("[fd00::1]"), Party(fakes::Ip("fd00::1")));
  EXPECT_EQ(*ParseParty("node"), Party(NodeItself{}));
  EXPECT_EQ(*ParseParty("default/node"), Party(ObjectKey{"default", "node"}));
}

TEST(QuestionTest, ATargetHasAPortAndPerhapsAProtocol) {
  const Question plain = *ParseQuestion({"web", "shop/db:6379"});
  EXPECT_EQ(plain.destination, Party(ObjectKey{"shop", "db"}));
  EXPECT_EQ(std::get<uint16_t>(plain.port), 6379);
  EXPECT_EQ(plain.protocol, Protocol::kTcp);

  const Question v6 = *ParseQuestion({"web", "[fd00::1]:53/UDP"});
  EXPECT_EQ(v6.destination, Party(fakes::Ip("fd00::1")));
  EXPECT_EQ(std::get<uint16_t>(v6.port), 53);
  EXPECT_EQ(v6.protocol, Protocol::kUdp);

  const Question named = *ParseQuestion({"web", "shop/db:signal/sctp"});
  EXPECT_EQ(std::get<std::string>(named.port), "signal");
  EXPECT_EQ(named.protocol, Protocol::kSctp);
}

TEST(QuestionTest, NonsenseIsNamed) {
  EXPECT_THAT(ErrorOf("web", "db"), HasSubstr("\"db\" has no port"));
  EXPECT_THAT(ErrorOf("web", "fd00::1:80"), HasSubstr("in brackets"));
  EXPECT_THAT(ErrorOf("web", "[fd00::1]"), HasSubstr("has no port"));
  EXPECT_THAT(ErrorOf("web", "db:0"), HasSubstr("port 0 is not in 1..65535"));
  EXPECT_THAT(ErrorOf("web", "db:65536"), HasSubstr("port 65536"));
  EXPECT_THAT(ErrorOf("web", "db:"), HasSubstr("neither a port nor a name"));
  EXPECT_THAT(ErrorOf("web", "db:80/icmp"), HasSubstr("\"icmp\" is not tcp, udp or sctp"));
  EXPECT_THAT(ErrorOf("a/b/c", "db:80"), HasSubstr("\"a/b/c\" is neither a pod"));
  EXPECT_THAT(ErrorOf("", "db:80"), HasSubstr("neither a pod"));
}

}  // namespace
}  // namespace sluice::explain
