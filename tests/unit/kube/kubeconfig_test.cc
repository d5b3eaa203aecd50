#include "agent/kube/kubeconfig.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::kube {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

struct Parts {
  std::string cluster = R"({server: "https://10.0.0.1:6443", certificate-authority: ca.crt})";
  std::string user = "{token: secret}";
  std::string context = "{cluster: c, user: u}";
};

std::string TextOf(const Parts& parts) {
  return "apiVersion: v1\nkind: Config\ncurrent-context: x\n"
         "clusters: [{name: other, cluster: {server: wrong}}, {name: c, cluster: " +
         parts.cluster + "}]\nusers: [{name: u, user: " + parts.user +
         "}]\ncontexts: [{name: x, context: " + parts.context + "}]\n";
}

Result<ClusterAccess> Parse(const Parts& parts) {
  return ParseKubeconfig({"/etc/kube/config", TextOf(parts)});
}

std::string ErrorOf(const Parts& parts) {
  const auto access = Parse(parts);
  return access.ok() ? "no error" : access.error().message();
}

TEST(KubeconfigTest, TheCurrentContextCounts) {
  const auto access = Parse({});

  ASSERT_TRUE(access.ok()) << access.error().message();
  EXPECT_EQ(access->server, (ServerUrl{"10.0.0.1", 6443, ""}));
  EXPECT_EQ(access->server_name(), "10.0.0.1");
  EXPECT_EQ(access->token, Secret(Inline{"secret"}));
  EXPECT_FALSE(access->client_certificate);
}

TEST(KubeconfigTest, RelativePathsStartAtTheFile) {
  EXPECT_EQ(Parse({})->ca, Secret(FilePath{"/etc/kube/ca.crt"}));
  EXPECT_EQ(Parse({.user = "{tokenFile: run/token}"})->token,
            Secret(FilePath{"/etc/kube/run/token"}));
  EXPECT_EQ(Parse({.user = "{tokenFile: /run/token}"})->token, Secret(FilePath{"/run/token"}));
  EXPECT_EQ(ParseKubeconfig({"config", TextOf({})})->ca, Secret(FilePath{"ca.crt"}));
}

TEST(KubeconfigTest, CertificatesAsFilesAndAsData) {
  const auto files = Parse({.user = "{client-certificate: /a.crt, client-key: a.key}"});
  ASSERT_TRUE(files.ok()) << files.error().message();
  EXPECT_EQ(files->client_certificate,
            (ClientCertificate{FilePath{"/a.crt"}, FilePath{"/etc/kube/a.key"}}));

  const auto data = Parse({.cluster = "{server: 'https://a', certificate-authority: ca.crt, "
                                      "certificate-authority-data: Y2E=, tls-server-name: b}",
                           .user = "{client-certificate-data: Y3J0, client-key-data: a2V5}"});
  ASSERT_TRUE(data.ok()) << data.error().message();
  EXPECT_EQ(data->ca, Secret(Inline{"ca"}));
  EXPECT_EQ(data->server_name(), "b");
  EXPECT_EQ(data->client_certificate, (ClientCertificate{Inline{"crt"}, Inline{"key"}}));
}

TEST(KubeconfigTest, ATokenFileWinsOverAToken) {
  EXPECT_EQ(Parse({.user = "{token: old, tokenFile: /new}"})->token, Secret(FilePath{"/new"}));
}

TEST(KubeconfigTest, JsonIsTakenToo) {
  const auto access = ParseKubeconfig(
      {"f",
       R"({"current-context":"x","contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],
         "clusters":[{"name":"c","cluster":{"server":"https://a"}}],
         "users":[{"name":"u","user":{"token":"t"}}]})"});

  ASSERT_TRUE(access.ok()) << access.error().message();
  EXPECT_FALSE(access->ca);
}

TEST(KubeconfigTest, ErrorsNameFileAndField) {
  EXPECT_THAT(ErrorOf({.cluster = "{}"}),
              StartsWith("/etc/kube/config: clusters[c].cluster.server: is missing"));
  EXPECT_THAT(ErrorOf({.cluster = "{server: 'http://a'}"}),
              StartsWith("/etc/kube/config: clusters[c].cluster.server: \"http://a\""));
  EXPECT_THAT(ErrorOf({.cluster = "{server: 'https://a', certificate-authority-data: '!'}"}),
              HasSubstr("clusters[c].cluster.certificate-authority-data: is not base64"));
  EXPECT_THAT(ErrorOf({.cluster = "{server: [https]}"}),
              HasSubstr("clusters[c].cluster.server: a string was expected"));
  EXPECT_THAT(ErrorOf({.user = "{client-certificate: a}"}),
              HasSubstr("users[u].user.client-key: is missing"));
  EXPECT_THAT(ErrorOf({.user = "{client-key: a}"}),
              HasSubstr("users[u].user.client-certificate: is missing"));
  EXPECT_THAT(ErrorOf({.user = "{}"}), HasSubstr("users[u].user: has neither"));
  EXPECT_THAT(ErrorOf({.user = "7"}), HasSubstr("users[u].user: is missing"));
  EXPECT_THAT(ErrorOf({.context = "{cluster: c, user: v}"}),
              HasSubstr("users: has no entry named \"v\""));
  EXPECT_THAT(ErrorOf({.context = "{user: u}"}),
              HasSubstr("contexts[x].context.cluster: is missing"));
}

TEST(KubeconfigTest, WhatWouldChangeWhomWeTrustOrWhoWeAreIsRefused) {
  EXPECT_THAT(ErrorOf({.cluster = "{server: 'https://a', insecure-skip-tls-verify: true}"}),
              HasSubstr("clusters[c].cluster.insecure-skip-tls-verify: is not supported"));
  EXPECT_THAT(ErrorOf({.cluster = "{server: 'https://a', proxy-url: 'http://p'}"}),
              HasSubstr("clusters[c].cluster.proxy-url: is not supported"));
  EXPECT_THAT(ErrorOf({.user = "{exec: {command: aws}}"}),
              HasSubstr("users[u].user.exec: is not supported"));
  EXPECT_THAT(ErrorOf({.user = "{token: t, as: admin}"}),
              HasSubstr("users[u].user.as: is not supported"));
  EXPECT_EQ(ErrorOf({.cluster = "{server: 'https://a', insecure-skip-tls-verify: false}"}),
            "no error");
}

TEST(KubeconfigTest, WhatIsNoKubeconfigIsOneError) {
  const auto error = [](const std::string& text) {
    return ParseKubeconfig({"f", text}).error().message();
  };
  EXPECT_THAT(error(""), HasSubstr("f: is not a kubeconfig"));
  EXPECT_THAT(error("- a"), HasSubstr("f: is not a kubeconfig"));
  EXPECT_THAT(error("a: [1"), HasSubstr("f: is not valid YAML: yaml-cpp: error at line "));
  EXPECT_THAT(error("a: b"), HasSubstr("f: current-context: is missing"));
  EXPECT_THAT(error("current-context: x"), HasSubstr("contexts: has no entry named \"x\""));
  EXPECT_THAT(error("current-context: x\ncontexts: 7"), HasSubstr("contexts: a list was expected"));
}

}  // namespace
}  // namespace sluice::kube
