#include "agent/kube/credentials.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace sluice::kube {
namespace {

Result<std::string> Read(const Secret& secret) {
  if (const auto* text = std::get_if<Inline>(&secret)) return text->text;
  const std::string& path = std::get<FilePath>(secret).path;
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (file.is_open() && !file.bad() && !text.empty()) return text;
  return Unavailable(path + ": " + (errno != 0 ? std::strerror(errno) : "is empty"));
}

Result<std::string> Read(const std::optional<Secret>& secret) {
  if (!secret) return std::string();
  return Read(*secret);
}

Result<Pem> ReadPem(const Secret& secret) {
  const auto* file = std::get_if<FilePath>(&secret);
  SLUICE_ASSIGN_OR_RETURN(std::string text, Read(secret));
  return Pem{std::move(text), file == nullptr ? "" : file->path};
}

// What follows "Authorization: Bearer " (RFC 6750, 2.1), without the line end a file has.
Result<std::string> Trimmed(std::string token) {
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r' || token.back() == ' ')) {
    token.pop_back();
  }
  for (const char c : token) {
    if (c <= ' ' || c >= 0x7f) return Invalid("the token holds a character that no token has");
  }
  return token;
}

}  // namespace

Result<Credentials> LoadCredentials(const ClusterAccess& access) {
  Credentials credentials;
  if (access.ca) {
    SLUICE_ASSIGN_OR_RETURN(credentials.tls.ca, ReadPem(*access.ca));
  }
  if (access.client_certificate) {
    SLUICE_ASSIGN_OR_RETURN(credentials.tls.certificate,
                            ReadPem(access.client_certificate->certificate));
    SLUICE_ASSIGN_OR_RETURN(credentials.tls.key, ReadPem(access.client_certificate->key));
  }
  SLUICE_ASSIGN_OR_RETURN(std::string token, Read(access.token));
  SLUICE_ASSIGN_OR_RETURN(credentials.token, Trimmed(std::move(token)));
  return credentials;
}

}  // namespace sluice::kube
