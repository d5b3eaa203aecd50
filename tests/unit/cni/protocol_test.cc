#include "cni/protocol.h"

#include <gtest/gtest.h>

#include <random>

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

Request SomeRequest() {
  return {.verb = Verb::kAdd,
          .container_id = "c1",
          .ifname = "eth0",
          .netns = "/run/netns/c1",
          .pod = {.ns = "shop", .name = "web", .uid = "u"},
          .ips = {Ip("10.244.0.5"), Ip("fd00::5")},
          .gateways = {Ip("10.244.0.1")},
          .mtu = 1400,
          .deadline = std::chrono::milliseconds(30'000)};
}

const Attached kAttached{.host_ifname = "slu0123456789ab",
                         .mac = MacAddress({0x0a, 0x58, 10, 244, 0, 5}),
                         .gateways = {IpAddress::FromV4(0x0af40001), ParseIp("fd00::1").value()}};

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

TEST(ProtocolTest, DecodesWhatItEncodes) {
  const Result<Request> request = DecodeRequest(EncodeRequest(SomeRequest()));
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(*request, SomeRequest());
}

TEST(ProtocolTest, DecodesEveryKindOfResponse) {
  const Result<Response> attached = DecodeResponse(EncodeResponse(std::optional(kAttached)));
  ASSERT_TRUE(attached.ok() && attached->ok());
  EXPECT_EQ(attached->value(), std::optional(kAttached));

  const Result<Response> nothing = DecodeResponse(EncodeResponse(std::optional<Attached>()));
  ASSERT_TRUE(nothing.ok() && nothing->ok());
  EXPECT_FALSE(nothing->value().has_value());

  for (const Error& error : {Invalid("a"), Unsupported("b"), NotFound("c"), Unavailable("d"),
                             Timeout("e \"quoted\"\n"), Refused("f"), Internal("g")}) {
    const Result<Response> refused = DecodeResponse(EncodeResponse(error));
    ASSERT_TRUE(refused.ok());
    ASSERT_FALSE(refused->ok());
    EXPECT_EQ(refused->error(), error);
  }
}

TEST(ProtocolTest, RefusesAnAttachmentWithoutAGateway) {
  Attached attached = kAttached;
  attached.gateways.clear();
  EXPECT_FALSE(DecodeResponse(EncodeResponse(std::optional(attached))).ok());
}

TEST(ProtocolTest, PutsTheLengthFirstHighestByteFirst) {
  const std::string frame = Frame(std::string(0x0102, 'x'));
  EXPECT_EQ(frame.substr(0, 4), std::string("\x00\x00\x01\x02", 4));
  EXPECT_EQ(frame.size(), 4u + 0x0102);
  EXPECT_EQ(FrameLength({0, 0, 1, 2}).value(), 0x0102u);
}

TEST(ProtocolTest, RefusesFramesOfNoOrTooMuchLength) {
  EXPECT_FALSE(FrameLength({0, 0, 0, 0}).ok());
  EXPECT_TRUE(FrameLength({0, 1, 0, 0}).ok());
  EXPECT_FALSE(FrameLength({0, 1, 0, 1}).ok());
  EXPECT_FALSE(FrameLength({0xff, 0xff, 0xff, 0xff}).ok());
}

TEST(ProtocolTest, RefusesAnotherVersionOfTheProtocol) {
  const std::string json = Replaced(EncodeRequest(SomeRequest()), "\"version\":2", "\"version\":1");
  const Result<Request> request = DecodeRequest(json);
  ASSERT_FALSE(request.ok());
  EXPECT_EQ(request.error().code(), ErrorCode::kUnsupported);
  EXPECT_FALSE(DecodeRequest("{}").ok());
}

TEST(ProtocolTest, RefusesIncompleteRequests) {
  const auto without = [](auto change) {
    Request request = SomeRequest();
    change(request);
    return DecodeRequest(EncodeRequest(request)).ok();
  };
  EXPECT_FALSE(without([](Request& request) { request.container_id = ""; }));
  EXPECT_FALSE(without([](Request& request) { request.container_id = "../../etc/passwd"; }));
  EXPECT_FALSE(without([](Request& request) { request.ifname = "a/b"; }));
  EXPECT_FALSE(without([](Request& request) { request.netns = ""; }));
  EXPECT_FALSE(without([](Request& request) { request.pod.ns = ""; }));
  EXPECT_FALSE(without([](Request& request) { request.pod.name = ""; }));
  EXPECT_FALSE(without([](Request& request) { request.ips.clear(); }));
  EXPECT_FALSE(without([](Request& request) { request.mtu = 0; }));
  EXPECT_FALSE(without([](Request& request) { request.verb = Verb::kVersion; }));
  EXPECT_TRUE(without([](Request& request) { request.pod.uid = ""; }));
}

TEST(ProtocolTest, AsksOnlyForTheIdOnDel) {
  Request request;
  request.verb = Verb::kDel;
  request.container_id = "c1";
  request.ifname = "eth0";
  const Result<Request> decoded = DecodeRequest(EncodeRequest(request));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, request);
}

TEST(ProtocolTest, RefusesWrongTypes) {
  const std::string json = EncodeRequest(SomeRequest());
  EXPECT_FALSE(DecodeRequest(Replaced(json, "\"10.244.0.5\"", "7")).ok());
  EXPECT_FALSE(DecodeRequest(Replaced(json, "10.244.0.5", "10.244.0.256")).ok());
  EXPECT_FALSE(DecodeRequest(Replaced(json, "\"web\"", "{}")).ok());
  EXPECT_FALSE(DecodeRequest(Replaced(json, "1400", "-1")).ok());
  EXPECT_FALSE(DecodeRequest(Replaced(json, "30000", "1e99")).ok());
  EXPECT_FALSE(DecodeRequest("[1]").ok());
}

TEST(ProtocolTest, SurvivesEveryTruncationAndAnyFlippedByte) {
  std::mt19937 random(1);
  for (const std::string& json :
       {EncodeRequest(SomeRequest()), EncodeResponse(std::optional(kAttached)),
        EncodeResponse(Timeout("t"))}) {
    for (size_t length = 0; length < json.size(); ++length) {
      EXPECT_FALSE(DecodeRequest(json.substr(0, length)).ok());
      EXPECT_FALSE(DecodeResponse(json.substr(0, length)).ok());
    }
    for (int i = 0; i < 5000; ++i) {
      std::string damaged = json;
      damaged[random() % damaged.size()] = static_cast<char>(random());
      (void)DecodeRequest(damaged).ok();
      (void)DecodeResponse(damaged).ok();
    }
  }
}

}  // namespace
}  // namespace sluice::cni
