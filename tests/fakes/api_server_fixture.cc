#include "tests/fakes/api_server_fixture.h"

#include <cstdlib>
#include <fstream>

namespace sluice::fakes {

ApiServerFixture::ApiServerFixture() {
  std::string name = testing::TempDir() + "apiserver-XXXXXX";
  folder_ = mkdtemp(name.data());
}

kube::ClusterAccess ApiServerFixture::Access() const {
  kube::ClusterAccess access;
  access.server = {"127.0.0.1", server_.port(), ""};
  access.ca = kube::Inline{authority_.pem()};
  return access;
}

bool ApiServerFixture::RunUntil(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!condition() && std::chrono::steady_clock::now() < deadline) {
    io_.restart();
    io_.run_one_for(std::chrono::milliseconds(20));
  }
  return condition();
}

std::string ApiServerFixture::Write(const std::string& name, const std::string& text) const {
  std::ofstream(folder_ / name) << text;
  return folder_ / name;
}

}  // namespace sluice::fakes
