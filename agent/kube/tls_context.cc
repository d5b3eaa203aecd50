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

}  // namespace

Result<std::shared_ptr<ssl::context>> MakeTlsContext(const TlsMaterial& material) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  error_code failed;
  context->set_verify_mode(ssl::verify_peer, failed);
  SLUICE_RETURN_IF_ERROR(Check("TLS", failed));
  if (material.ca.empty()) {
    context->set_default_verify_paths(failed);
  } else {
    context->add_certificate_authority(boost::asio::buffer(material.ca), failed);
  }
  SLUICE_RETURN_IF_ERROR(Check("certificate authority", failed));
  if (material.certificate.empty()) return context;
  context->use_certificate_chain(boost::asio::buffer(material.certificate), failed);
  SLUICE_RETURN_IF_ERROR(Check("client certificate", failed));
  context->use_private_key(boost::asio::buffer(material.key), ssl::context::pem, failed);
  SLUICE_RETURN_IF_ERROR(Check("client key", failed));
  // One replaced without the other would only fail at the server, without saying why.
  if (SSL_CTX_check_private_key(context->native_handle()) != 1) {
    return Invalid("the client key does not belong to the client certificate");
  }
  return context;
}

}  // namespace sluice::kube
