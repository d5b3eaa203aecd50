// Credentials: what a ClusterAccess points to, read now. Read again at every use: tokens and
// certificates rotate by being replaced.
#pragma once

#include <string>

#include "agent/kube/cluster_access.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

struct Pem {
  std::string text;  // empty: ClusterAccess has none
  std::string file;  // where it was read; empty if it was inline

  friend bool operator==(const Pem&, const Pem&) = default;
};

struct TlsMaterial {
  Pem ca;
  Pem certificate;
  Pem key;

  friend bool operator==(const TlsMaterial&, const TlsMaterial&) = default;
};

struct Credentials {
  TlsMaterial tls;
  std::string token;  // empty: none; never with a character that could end a header
};

// Errors name the file.
Result<Credentials> LoadCredentials(const ClusterAccess& access);

}  // namespace sluice::kube
