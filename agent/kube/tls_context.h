#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>

#include "agent/kube/credentials.h"
#include "ofctl/base/result.h"

namespace sluice::kube {

// A client's: TLS 1.2 or later, the peer's certificate always verified. Without a CA the machine's
// own trusted authorities count. Errors say which part of the material is wrong, and name its file.
Result<std::shared_ptr<boost::asio::ssl::context>> MakeTlsContext(const TlsMaterial& material);

}  // namespace sluice::kube
