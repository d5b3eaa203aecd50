// ApiServerSandbox: a real kube-apiserver and its etcd on 127.0.0.1, in a temporary directory, for
// one test; no nodes. Started in the constructor, killed and removed in the destructor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tests/fakes/test_authority.h"

namespace sluice::fakes {

class ApiServerSandbox {
 public:
  // Where etcd, kube-apiserver and kubectl are: $CLUSTER_CACHE/bin or ~/.cache/kube-cluster/bin;
  // "" if one of them is missing.
  static std::string Binaries();

  // `flags` for kube-apiserver beside its own.
  explicit ApiServerSandbox(std::vector<std::string> flags);
  ~ApiServerSandbox();
  ApiServerSandbox(const ApiServerSandbox&) = delete;
  ApiServerSandbox& operator=(const ApiServerSandbox&) = delete;

  uint16_t port() const { return port_; }
  static uint16_t FreePort();
  std::string ca_file() const { return directory_ + "/ca.crt"; }
  const std::string& token() const { return token_; }  // of a cluster administrator

  // CHECKs that it exits 0. The arguments are read by sh.
  void Kubectl(const std::string& arguments) const;
  void Apply(const std::string& yaml) const;

  // The body of the answer, whatever its code.
  std::string Get(const std::string& target) const;

  // kill -9 of kube-apiserver, and its start with the same etcd.
  void Kill();
  void Start();
  // From the next start on.
  void SetPort(uint16_t port) { port_ = port; }
  void SetToken(const std::string& token);
  // etcd forgets all history up to now.
  void Compact() const;

 private:
  std::string Client() const;  // kubectl, and who it is

  std::string directory_;
  std::string token_ = "administrator";
  std::vector<std::string> flags_;
  uint16_t etcd_port_ = 0;
  uint16_t port_ = 0;
  pid_t etcd_ = -1;
  pid_t server_ = -1;
};

}  // namespace sluice::fakes
