#include "agent/kube/tls_context.h"

#include <openssl/ssl.h>

#include <boost/asio/buffer.hpp>
#include <string>

namespace sluice::kube {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Status Check(std::string_view what, const error_code& failed) {
  if (!failed) return Ok();
  return Invalid(std::string(what) + ": " + failed.message());
}

// "client key in /pki/client.key"
std::string Named(const std::string& what, const Pem& pem) {
  return pem.file.empty() ? what : what + " in " + pem.file;
}

}  // namespace

Result<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsMaterial& material) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code failed;
  context->set_verify_mode(ssl::verify_peer, failed);
  SLUICE_RETURN_IF_ERROR(Check("TLS", failed));
  if (material.ca.text.empty()) {
    context->set_default_verify_paths(failed);
  } else {
    context->add_certificate_authority(boost::asio::buffer(material.ca.text), failed);
  }
  SLUICE_RETURN_IF_ERROR(Check(Named("certificate authority", material.ca), failed));
  if (material.certificate.text.empty()) return context;
  context->use_certificate_chain(boost::asio::buffer(material.certificate.text), failed);
  SLUICE_RETURN_IF_ERROR(Check(Named("client certificate", material.certificate), failed));
  // Refuses one that does not belong to the certificate, as when only one of the two was replaced.
  context->use_private_key(boost::asio::buffer(material.key.text), ssl::context::pem, failed);
  SLUICE_RETURN_IF_ERROR(Check(Named("client key", material.key), failed));
  return context;
}

}  // namespace sluice::kube
