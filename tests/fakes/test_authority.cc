#include "tests/fakes/test_authority.h"

#include <glog/logging.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace sluice::fakes {
namespace {

template <auto Free>
struct Freed {
  template <typename T>
  void operator()(T* thing) const {
    Free(thing);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;

constexpr long kDay = 24L * 60 * 60;

template <typename Write>
std::string ToPem(Write write) {
  std::unique_ptr<BIO, Freed<BIO_free_all>> bio(BIO_new(BIO_s_mem()));
  CHECK(write(bio.get()));
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return {data, static_cast<size_t>(size)};
}

void AddExtension(X509* certificate, int id, const std::string& value) {
  std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION_free>> extension(
      X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str()));
  CHECK(extension != nullptr) << value;
  CHECK_EQ(X509_add_ext(certificate, extension.get(), -1), 1);
}

Certificate NewCertificate(const std::string& common_name, EVP_PKEY* key) {
  static long serial = 0;
  Certificate certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), kDay);
  X509_set_pubkey(certificate.get(), key);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  return certificate;
}

std::string PemOf(X509* certificate) {
  return ToPem([&](BIO* bio) { return PEM_write_bio_X509(bio, certificate); });
}

}  // namespace

struct TestAuthority::Signer {
  Key key;
  Certificate certificate;

  void Sign(X509* other) const {
    X509_set_issuer_name(other, X509_get_subject_name(certificate.get()));
    CHECK_GT(X509_sign(other, key.get(), EVP_sha256()), 0);
  }
};

TestAuthority::TestAuthority() : signer_(std::make_unique<Signer>()) {
  signer_->key.reset(EVP_EC_gen("P-256"));
  signer_->certificate = NewCertificate("test authority", signer_->key.get());
  AddExtension(signer_->certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  signer_->Sign(signer_->certificate.get());
  pem_ = PemOf(signer_->certificate.get());
}

TestAuthority::~TestAuthority() = default;

PemPair TestAuthority::Issue(const std::string& common_name,
                             const std::string& alternative_names) const {
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = NewCertificate(common_name, key.get());
  if (!alternative_names.empty()) {
    AddExtension(certificate.get(), NID_subject_alt_name, alternative_names);
  }
  signer_->Sign(certificate.get());
  return {PemOf(certificate.get()), ToPem([&](BIO* bio) {
            return PEM_write_bio_PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace sluice::fakes
