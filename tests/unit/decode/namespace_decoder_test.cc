#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

using store::Labels;
using store::Namespace;

TEST(NamespaceDecoderTest, ItsNameIsAlsoALabel) {
  const auto ns = Decoded<Namespace>(
      "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'x','labels':{'team':'a'}}}");

  EXPECT_EQ(ns.name, "x");
  EXPECT_EQ(ns.labels, (Labels{{"kubernetes.io/metadata.name", "x"}, {"team", "a"}}));
}

TEST(NamespaceDecoderTest, TheNameLabelCannotBeForged) {
  const auto ns = Decoded<Namespace>(
      "{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'x',"
      "'labels':{'kubernetes.io/metadata.name':'kube-system'}}}");

  EXPECT_EQ(ns.labels, (Labels{{"kubernetes.io/metadata.name", "x"}}));
}

TEST(NamespaceDecoderTest, RefusesWhatTheApiserverRefuses) {
  const auto refusal = [](const std::string& metadata) {
    return Refusal("{'apiVersion':'v1','kind':'Namespace','metadata':" + metadata + "}");
  };
  EXPECT_EQ(refusal("null"), "metadata: is missing");
  EXPECT_EQ(refusal("{}"), "metadata.name: is missing");
  EXPECT_EQ(refusal("{'name':7}"),
            "metadata.name: a string was expected, the number 7 found; quote it");
  EXPECT_THAT(refusal("{'name':'a.b'}"),
              testing::StartsWith("metadata.name: \"a.b\" is not a DNS"));
  EXPECT_EQ(refusal("{'name':'a','labels':[]}"),
            "metadata.labels: an object was expected, a list found");
  EXPECT_EQ(refusal("{'name':'a','labels':{'on':true}}"),
            "metadata.labels[on]: a string was expected, the boolean true found; quote it");
  EXPECT_THAT(refusal("{'name':'a','labels':{'a b':'x'}}"),
              testing::StartsWith("metadata.labels[a b]: label key \"a b\" is not legal"));
  EXPECT_THAT(refusal("{'name':'a','labels':{'a':'x y'}}"),
              testing::StartsWith("metadata.labels[a]: label value \"x y\" is not legal"));
}

}  // namespace
}  // namespace sluice::decode
