#include "agent/netlink/host_guard.h"

#include <glog/logging.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace sluice::netlink {
namespace {

constexpr char kTable[] = "netdev sluice";

std::string Chain(const std::string& device) { return std::string(kTable) + " " + device; }

// Ready for anything to be in its place before: afterwards there is no such chain (nft(8) has no
// "delete if exists" before 1.0.7).
std::string RemoveCommands(const std::string& device) {
  return std::string("add table ") + kTable + "\nadd chain " + Chain(device) + "\ndelete chain " +
         Chain(device) + "\n";
}

std::string InstallCommands(const std::string& device) {
  return RemoveCommands(device) + "add chain " + Chain(device) +
         " { type filter hook ingress device \"" + device + "\" priority -500; policy drop; }\n";
}

// Device names become part of nft's language.
Status CheckName(const std::string& device) {
  const bool starts_well = !device.empty() && std::isalpha(static_cast<unsigned char>(device[0]));
  const bool goes_on_well = std::ranges::all_of(
      device, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; });
  if (starts_well && goes_on_well) return Ok();
  return Invalid("device name is no nft identifier: \"" + device + "\"");
}

}  // namespace

HostGuard::HostGuard() : nft_(nft_ctx_new(NFT_CTX_DEFAULT)) {
  CHECK(nft_ != nullptr) << "out of memory";
  nft_ctx_buffer_output(nft_.get());
  nft_ctx_buffer_error(nft_.get());
}

Result<std::string> HostGuard::Run(const std::string& commands) {
  const int failed = nft_run_cmd_from_buffer(nft_.get(), commands.c_str());
  // Reading the buffers empties them.
  const std::string output = nft_ctx_get_output_buffer(nft_.get());
  const std::string errors = nft_ctx_get_error_buffer(nft_.get());
  if (failed != 0) return Refused("nft: " + errors.substr(0, errors.find('\n')));
  return output;
}

Status HostGuard::Install(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckName(device));
  const auto done = Run(InstallCommands(device));
  return done.ok() ? Ok() : Status(done.error().Context("guard of " + device));
}

Status HostGuard::Remove(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckName(device));
  const auto done = Run(RemoveCommands(device));
  return done.ok() ? Ok() : Status(done.error().Context("removing the guard of " + device));
}

Result<bool> HostGuard::IsInstalled(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckName(device));
  SLUICE_ASSIGN_OR_RETURN(const std::string chains, Run("list chains netdev"));
  // "type filter hook ingress device "slu1" priority -500; policy drop;", in one chain per device.
  const size_t hook = chains.find("hook ingress device \"" + device + "\"");
  if (hook == std::string::npos) return false;
  return chains.substr(hook, chains.find('\n', hook) - hook).ends_with("policy drop;");
}

}  // namespace sluice::netlink
