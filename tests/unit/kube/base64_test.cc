#include "agent/kube/base64.h"

#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

TEST(Base64Test, TheVectorsOfRfc4648) {
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64("Zg=="), "f");
  EXPECT_EQ(DecodeBase64("Zm8="), "fo");
  EXPECT_EQ(DecodeBase64("Zm9v"), "foo");
  EXPECT_EQ(DecodeBase64("Zm9vYg=="), "foob");
  EXPECT_EQ(DecodeBase64("Zm9vYmE="), "fooba");
  EXPECT_EQ(DecodeBase64("Zm9vYmFy"), "foobar");
  EXPECT_EQ(DecodeBase64("/+8="), "\xff\xef");
}

TEST(Base64Test, LinesAndMissingPaddingAreTaken) {
  EXPECT_EQ(DecodeBase64(" Zm9v\r\nYmFy\n"), "foobar");
  EXPECT_EQ(DecodeBase64("Zg"), "f");
}

TEST(Base64Test, WhatIsNotBase64IsNotDecoded) {
  for (const char* text : {"Z", "Zm9v!", "Zg=g", "Zg=", "Zg===", "Zm9v=", "Zm9v-_=="}) {
    EXPECT_EQ(DecodeBase64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace sluice::kube
