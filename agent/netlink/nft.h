// Nft: commands to nf_tables, in nft's language (nft(8), libnftables).
#pragma once

#include <nftables/libnftables.h>

#include <memory>
#include <string>

#include "ofctl/base/result.h"

namespace sluice::netlink {

// Device names become part of nft's language: Invalid for one that is not a plain word there.
Status CheckNftName(const std::string& device);

// Works in the network namespace of the thread that makes it.
class Nft {
 public:
  Nft();

  // All or nothing. The output of the commands.
  Result<std::string> Run(const std::string& commands);

 private:
  struct FreeContext {
    void operator()(nft_ctx* context) const { nft_ctx_free(context); }
  };
  std::unique_ptr<nft_ctx, FreeContext> context_;
};

}  // namespace sluice::netlink
