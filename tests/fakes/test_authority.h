// TestAuthority: a certificate authority made for one test, in memory.
#pragma once

#include <memory>
#include <string>

namespace sluice::fakes {

struct PemPair {
  std::string certificate;
  std::string key;
};

class TestAuthority {
 public:
  TestAuthority();
  ~TestAuthority();

  const std::string& pem() const { return pem_; }
  // `alternative_names` as in openssl's x509v3_config(5): "IP:127.0.0.1,DNS:localhost".
  PemPair Issue(const std::string& common_name, const std::string& alternative_names) const;

 private:
  struct Signer;
  std::unique_ptr<Signer> signer_;
  std::string pem_;
};

}  // namespace sluice::fakes
