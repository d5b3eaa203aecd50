// ClusterAccess: where an apiserver is and how to prove who we are, as data. Nothing is read here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace sluice::kube {

// A file that is read at every use, because it may be replaced: certificates and tokens rotate.
struct FilePath {
  std::string path;

  friend bool operator==(const FilePath&, const FilePath&) = default;
};

struct Inline {
  std::string text;

  friend bool operator==(const Inline&, const Inline&) = default;
};

using Secret = std::variant<Inline, FilePath>;

struct ClientCertificate {
  Secret certificate;  // PEM, with intermediates
  Secret key;          // PEM

  friend bool operator==(const ClientCertificate&, const ClientCertificate&) = default;
};

struct ServerUrl {
  std::string host;  // a name, an IPv4 address, or an IPv6 address without brackets
  uint16_t port = 443;
  std::string base_path;  // "" or "/prefix", without a slash at its end

  std::string ToString() const;     // "https://[::1]:6443/prefix"
  std::string HostAndPort() const;  // "[::1]:6443"
  friend bool operator==(const ServerUrl&, const ServerUrl&) = default;
};

struct ClusterAccess {
  ServerUrl server;
  // What the server's certificate must be for; the server's host if empty.
  std::string tls_server_name;
  std::optional<Secret> ca;  // PEM bundle; absent: the machine's own trusted authorities
  std::optional<ClientCertificate> client_certificate;
  std::optional<Secret> token;

  const std::string& server_name() const {
    return tls_server_name.empty() ? server.host : tls_server_name;
  }
  friend bool operator==(const ClusterAccess&, const ClusterAccess&) = default;
};

}  // namespace sluice::kube
