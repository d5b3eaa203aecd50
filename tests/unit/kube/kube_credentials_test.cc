// Who is believed, and how we prove who we are: certificates, tokens and files that are replaced.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/unit/kube/kube_source_fixture.h"

namespace sluice::kube {
namespace {

namespace fs = std::filesystem;
using fakes::PemPair;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

using KubeCredentialsTest = KubeSourceFixture;

TEST_F(KubeCredentialsTest, AServerOfAnotherAuthorityIsNotBelieved) {
  const fakes::TestAuthority other;
  server_.SetTls({other.Issue("apiserver", "IP:127.0.0.1"), ""});
  Start();
  EXPECT_TRUE(Complains("TLS handshake: "));
  EXPECT_THAT(complaints_, Contains(HasSubstr("certificate")));
  EXPECT_THAT(server_.requests(), IsEmpty());  // the token was not shown to it
}

TEST_F(KubeCredentialsTest, ACertificateForAnotherNameIsNotBelieved) {
  server_.SetTls({authority_.Issue("127.0.0.1", "DNS:elsewhere,IP:127.0.0.2"), ""});
  Start();
  EXPECT_TRUE(Complains("TLS handshake: "));
  EXPECT_THAT(server_.requests(), IsEmpty());
}

TEST_F(KubeCredentialsTest, TheServerNameThatWasGivenCounts) {
  server_.SetTls({authority_.Issue("x", "DNS:elsewhere"), ""});
  spec_.access.tls_server_name = "elsewhere";
  Sync();
}

TEST_F(KubeCredentialsTest, AClientCertificateProvesWhoWeAreAndIsReadAgainWhenReplaced) {
  const fakes::TestAuthority other;
  const PemPair wrong = other.Issue("nobody", "");
  spec_.access.token = std::nullopt;
  server_.faults().token = "";
  server_.SetTls({certificate_, authority_.pem()});
  spec_.access.client_certificate = ClientCertificate{
      FilePath{Write("client.crt", wrong.certificate)}, FilePath{Write("client.key", wrong.key)}};
  Start();
  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(server_.requests(), IsEmpty());

  const PemPair right = authority_.Issue("node", "");
  Write("client.crt", right.certificate);
  Write("client.key", right.key);
  EXPECT_TRUE(RunUntil([&] { return !batches_.empty(); }));
}

TEST_F(KubeCredentialsTest, ATokenIsReadAgainForEveryRequest) {
  spec_.access.token = FilePath{Write("token", "secret\n")};
  Sync();
  Write("token", "rotated\n");
  server_.faults().token = "rotated";
  ASSERT_TRUE(Fence());
  server_.SendBookmarks();
  ASSERT_TRUE(Fence());
  server_.EndWatches();
  EXPECT_TRUE(RunUntil([&] { return server_.open_watches() == 3; }));
  EXPECT_EQ(server_.requests().back().authorization, "Bearer rotated");
  EXPECT_THAT(all_complaints_, IsEmpty());
}

TEST_F(KubeCredentialsTest, AnAuthorityIsReadAgainWhenReplaced) {
  spec_.access.ca = FilePath{Write("ca.crt", authority_.pem())};
  Sync();
  const fakes::TestAuthority next;
  server_.SetTls({next.Issue("apiserver", "IP:127.0.0.1"), ""});
  server_.DropConnections();
  EXPECT_TRUE(Complains("TLS handshake: "));
  Write("ca.crt", next.pem());
  EXPECT_TRUE(Fence());
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
}

TEST_F(KubeCredentialsTest, ATokenFileThatGoesIsNamedAndComesBack) {
  const std::string file = Write("token", "secret");
  spec_.access.token = FilePath{file};
  Sync();
  fs::remove(file);
  server_.DropConnections();
  EXPECT_TRUE(Complains(file + ": No such file or directory"));
  Write("token", "secret");
  EXPECT_TRUE(Fence());
}

TEST_F(KubeCredentialsTest, CredentialsThatCannotBeUsedAreAnErrorAtOnce) {
  const auto error = [&](const ClusterAccess& access) {
    KubeSource::Spec spec = spec_;
    spec.access = access;
    KubeSource source(io_, spec, *this);
    const Status started = source.Start();
    return started.ok() ? "no error" : started.error().message();
  };
  ClusterAccess access = spec_.access;
  access.token = FilePath{"/nowhere/token"};
  EXPECT_THAT(error(access), HasSubstr("/nowhere/token: No such file"));
  access = spec_.access;
  access.token = Inline{"two\r\nlines"};
  EXPECT_THAT(error(access), HasSubstr("token"));
  access = spec_.access;
  access.ca = Inline{"no pem"};
  EXPECT_THAT(error(access), HasSubstr("certificate authority: "));
  access.ca = FilePath{Write("ca.crt", "no pem")};
  EXPECT_THAT(error(access), HasSubstr("certificate authority in " + folder_.string() + "/ca.crt"));
  access = spec_.access;
  const PemPair one = authority_.Issue("a", "");
  const PemPair two = authority_.Issue("b", "");
  access.client_certificate = ClientCertificate{Inline{one.certificate}, Inline{two.key}};
  EXPECT_THAT(error(access), HasSubstr("client key"));
  access.client_certificate = ClientCertificate{FilePath{Write("c.crt", one.certificate)},
                                                FilePath{Write("c.key", two.key)}};
  EXPECT_THAT(error(access), HasSubstr("client key in " + folder_.string() + "/c.key"));
}

}  // namespace
}  // namespace sluice::kube
