#include "tests/conformance/packets/sctp_packet.h"

#include <gtest/gtest.h>

namespace sluice::conformance {
namespace {

const SctpPacket kPacket{
    40000, 80, 7, {InitChunk(SctpChunkType::kInitAck, {5, "cookie"}), DataChunk("odd")}};

TEST(SctpPacketTest, TheChecksumIsThatOfTheStandard) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283u);  // the check value of CRC-32C
}

TEST(SctpPacketTest, APacketComesBackAsItWasSent) {
  const auto parsed = ParseSctp(Serialize(kPacket));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(*parsed, kPacket);
  const auto init = ParseInit(parsed->chunks[0]);
  ASSERT_TRUE(init);
  EXPECT_EQ(init->initiate_tag, 5u);
  EXPECT_EQ(init->cookie, "cookie");
  EXPECT_EQ(ParseData(parsed->chunks[1]), "odd");
}

TEST(SctpPacketTest, NothingOfADamagedPacketIsBelieved) {
  const std::string good = Serialize(kPacket);
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    EXPECT_FALSE(ParseSctp(bad)) << "byte " << i;
    EXPECT_FALSE(ParseSctp(good.substr(0, i))) << "cut at " << i;
  }
}

}  // namespace
}  // namespace sluice::conformance
