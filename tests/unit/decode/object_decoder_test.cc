#include "tests/unit/decode/decoding.h"

namespace sluice::decode {
namespace {

TEST(ObjectDecoderTest, KindsItHasNoUseForAreNotErrors) {
  for (const char* text : {"{'apiVersion':'apps/v1','kind':'Deployment','spec':7}",
                           "{'apiVersion':'v1','kind':'Service'}",
                           "{'apiVersion':'crd.projectcalico.org/v1','kind':'NetworkPolicy'}"}) {
    const DecodeResult result = DecodeObject(Json(text), Validation::kCreate);

    const auto* decoded = std::get_if<DecodedObject>(&result);
    ASSERT_NE(decoded, nullptr) << text;
    EXPECT_FALSE(decoded->object.has_value());
    EXPECT_FALSE(decoded->kind.empty());
  }
}

TEST(ObjectDecoderTest, SaysWhatADocumentLacksToBeAnObject) {
  EXPECT_EQ(Refusal("7"), ": a Kubernetes object was expected, the number 7 found");
  EXPECT_EQ(Refusal("{}"), "apiVersion: is missing");
  EXPECT_EQ(Refusal("{'apiVersion':'v1'}"), "kind: is missing");
  EXPECT_EQ(Refusal("{'apiVersion':1,'kind':'Pod'}"),
            "apiVersion: a string was expected, the number 1 found; quote it");
}

// A policy under a version that is gone would otherwise be skipped, and its pods left open.
TEST(ObjectDecoderTest, AVersionThatIsNotServedIsRefused) {
  EXPECT_EQ(Refusal("{'apiVersion':'extensions/v1beta1','kind':'NetworkPolicy'}"),
            "apiVersion: \"extensions/v1beta1\" does not have NetworkPolicy; it is in "
            "networking.k8s.io/v1");
  EXPECT_EQ(Refusal("{'apiVersion':'v1','kind':'NetworkPolicy'}"),
            "apiVersion: \"v1\" does not have NetworkPolicy; it is in networking.k8s.io/v1");
  EXPECT_EQ(Refusal("{'apiVersion':'v2','kind':'Pod'}"),
            "apiVersion: \"v2\" does not have Pod; it is in v1");
}

TEST(ObjectDecoderTest, AnErrorNamesTheObjectAsFarAsItIsKnown) {
  const auto line = [](const std::string& text) {
    const DecodeResult result = DecodeObject(Json(text), Validation::kCreate);
    return std::get<DecodeError>(result).ToString();
  };
  EXPECT_EQ(line("[]"), "document: a Kubernetes object was expected, a list found");
  EXPECT_EQ(line("{'apiVersion':'v1','kind':'Pod'}"), "Pod: metadata: is missing");
  EXPECT_EQ(line("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a','namespace':'x'},"
                 "'spec':[]}"),
            "Pod x/a: spec: an object was expected, a list found");
  EXPECT_EQ(line("{'apiVersion':'networking.k8s.io/v1','kind':'NetworkPolicy',"
                 "'metadata':{'name':'p'},'spec':{'podSelector':7}}"),
            "NetworkPolicy default/p: spec.podSelector: an object was expected, the number 7 "
            "found");
}

TEST(ObjectDecoderTest, ComplaintsStayOnOneLine) {
  const std::string refusal =
      Refusal("{'apiVersion':'v1','kind':'Pod','metadata':{'name':'a\\nb'}}");

  EXPECT_EQ(refusal.find('\n'), std::string::npos);
}

}  // namespace
}  // namespace sluice::decode
