#include "agent/netlink/nft.h"

#include <glog/logging.h>

#include <algorithm>
#include <cctype>

namespace sluice::netlink {

Status CheckNftName(const std::string& device) {
  const bool starts_well = !device.empty() && std::isalpha(static_cast<unsigned char>(device[0]));
  const bool goes_on_well = std::ranges::all_of(
      device, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
  if (starts_well && goes_on_well) return Ok();
  return Invalid("device name is no nft identifier: \"" + device + "\"");
}

Nft::Nft() : context_(nft_ctx_new(NFT_CTX_DEFAULT)) {
  CHECK(context_ != nullptr) << "out of memory";
  nft_ctx_buffer_output(context_.get());
  nft_ctx_buffer_error(context_.get());
}

Result<std::string> Nft::Run(const std::string& commands) {
  const int failed = nft_run_cmd_from_buffer(context_.get(), commands.c_str());
  // Reading the buffers empties them.
  const std::string output = nft_ctx_get_output_buffer(context_.get());
  const std::string errors = nft_ctx_get_error_buffer(context_.get());
  if (failed != 0) return Refused("nft: " + errors.substr(0, errors.find('\n')));
  return output;
}

}  // namespace sluice::netlink
