#include "cni/protocol.h"

#include <gtest/gtest.h>

#include <random>

namespace sluice::cni {
namespace {

IpAddress Ip(const std::string& text) { return ParseIp(text).value(); }

Request SomeRequest() {
  return {.verb = Verb::kAdd,
          .network = "net",
          .container_id = "c1",
          .ifname = "eth0",
          .netns = "/run/netns/c1",
          .pod = {.ns = "shop", .name = "web", .uid = "u"},
          .ips = {Ip("10.244.0.5"), Ip("fd00::5")},
          .gateways = {Ip("10.244.0.1")},
          .mtu = 1400,
          .valid_attachments = {},
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
  const Result<Response> attached = DecodeResponse(EncodeResponse(Success{.attached = kAttached}));
  ASSERT_TRUE(attached.ok() && attached->ok());
  EXPECT_EQ(attached->value(), Success{.attached = kAttached});

  const Result<Response> nothing = DecodeResponse(EncodeResponse(Success{}));
  ASSERT_TRUE(nothing.ok() && nothing->ok());
  EXPECT_EQ(nothing->value(), Success{});

  for (const Error& error : {Invalid("a"), Unsupported("b"), NotFound("c"), Unavailable("d"),
                             Timeout("e \"quoted\"\n"), Refused("f"), Internal("g")}) {
    const Result<Response> refused = DecodeResponse(EncodeResponse(error));
    ASSERT_TRUE(refused.ok());
    ASSERT_FALSE(refused->ok());
    EXPECT_EQ(refused->error(), error);
  }
}

TEST(ProtocolTest, DecodesWhatStatusAndGcAnswer) {
  for (const Success& success :
       {Success{.not_ready = NotReady{.concerns = NotReady::Concerns::kNewPods, .why = "later"}},
        Success{.not_ready = NotReady{.concerns = NotReady::Concerns::kAllPods, .why = "gone"}},
        Success{.collected = Collected{.removed = {{"c1", "eth0"}, {"c2", "net1"}}, .left = ""}},
        Success{.collected = Collected{.removed = {}, .left = "c3/eth0: no database"}}}) {
    const Result<Response> response = DecodeResponse(EncodeResponse(success));
    ASSERT_TRUE(response.ok() && response->ok());
    EXPECT_EQ(response->value(), success);
  }
}

TEST(ProtocolTest, RefusesAnAttachmentWithoutAGateway) {
  Attached attached = kAttached;
  attached.gateways.clear();
  EXPECT_FALSE(DecodeResponse(EncodeResponse(Success{.attached = attached})).ok());
}

TEST(ProtocolTest, PutsTheLengthFirstHighestByteFirst) {
  const std::string frame = Frame(std::string(0x0102, 'x'));
  EXPECT_EQ(frame.substr(0, 4), std::string("\x00\x00\x01\x02", 4));
  EXPECT_EQ(frame.size(), 4u + 0x0102);
  EXPECT_EQ(FrameLength({0, 0, 1, 2}).value(), 0x0102u);
}

TEST(ProtocolTest, RefusesFramesOfNoOrTooMuchLength) {
  EXPECT_FALSE(FrameLength({0, 0, 0, 0}).ok());
  EXPECT_TRUE(FrameLength({0, 16, 0, 0}).ok());
  EXPECT_FALSE(FrameLength({0, 16, 0, 1}).ok());
  EXPECT_FALSE(FrameLength({0xff, 0xff, 0xff, 0xff}).ok());
}

TEST(ProtocolTest, RefusesAnotherVersionOfTheProtocol) {
  const std::string json = Replaced(EncodeRequest(SomeRequest()), "\"version\":3", "\"version\":2");
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
  EXPECT_FALSE(without([](Request& request) { request.network = ""; }));
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
  request.network = "net";
  request.container_id = "c1";
  request.ifname = "eth0";
  const Result<Request> decoded = DecodeRequest(EncodeRequest(request));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, request);
}

TEST(ProtocolTest, AsksOnlyForTheListOnGcAndForNothingOnStatus) {
  Request status;
  status.verb = Verb::kStatus;
  EXPECT_TRUE(DecodeRequest(EncodeRequest(status)).ok());

  Request request;
  request.verb = Verb::kGc;
  request.network = "net";
  request.valid_attachments = {{"c1", "eth0"}};
  const std::string json = EncodeRequest(request);
  const Result<Request> decoded = DecodeRequest(json);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, request);
  const std::string list = R"([{"containerId":"c1","ifname":"eth0"}])";
  EXPECT_TRUE(DecodeRequest(Replaced(json, list, "[]")).ok());
  for (const std::string bad :
       {"null", "{}", "[1]", R"([{"containerId":"c1"}])", R"([{"ifname":"eth0"}])"}) {
    EXPECT_FALSE(DecodeRequest(Replaced(json, list, bad)).ok()) << bad;
  }
  EXPECT_FALSE(DecodeRequest(Replaced(json, "validAttachments", "attachments")).ok());
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
       {EncodeRequest(SomeRequest()), EncodeResponse(Success{.attached = kAttached}),
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
