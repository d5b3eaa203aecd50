// ApiServerFixture: a test with a fake apiserver that its own authority vouches for, on the loop
// that the tested end runs on as well, and a folder for what is read from files.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <functional>
#include <string>

#include "agent/kube/cluster_access.h"
#include "tests/fakes/fake_api_server.h"
#include "tests/fakes/test_authority.h"

namespace sluice::fakes {

class ApiServerFixture : public testing::Test {
 protected:
  ApiServerFixture();
  ~ApiServerFixture() override { std::filesystem::remove_all(folder_); }

  // To the server, without a token.
  kube::ClusterAccess Access() const;
  // Runs the loop until the condition holds; false if it does not within ten seconds.
  bool RunUntil(const std::function<bool()>& condition);
  // The path of a file with this text.
  std::string Write(const std::string& name, const std::string& text) const;

  boost::asio::io_context io_;
  TestAuthority authority_;
  PemPair certificate_ = authority_.Issue("apiserver", "IP:127.0.0.1,DNS:kubernetes");
  FakeApiServer server_{io_, {certificate_, ""}};
  std::filesystem::path folder_;
};

}  // namespace sluice::fakes
