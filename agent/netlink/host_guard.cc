#include "agent/netlink/host_guard.h"

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

}  // namespace

Status HostGuard::Install(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckNftName(device));
  const auto done = nft_.Run(InstallCommands(device));
  return done.ok() ? Ok() : Status(done.error().Context("guard of " + device));
}

Status HostGuard::Remove(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckNftName(device));
  const auto done = nft_.Run(RemoveCommands(device));
  return done.ok() ? Ok() : Status(done.error().Context("removing the guard of " + device));
}

Result<bool> HostGuard::IsInstalled(const std::string& device) {
  SLUICE_RETURN_IF_ERROR(CheckNftName(device));
  SLUICE_ASSIGN_OR_RETURN(const std::string chains, nft_.Run("list chains netdev"));
  // "type filter hook ingress device "slu1" priority -500; policy drop;", in one chain per device.
  const size_t hook = chains.find("hook ingress device \"" + device + "\"");
  if (hook == std::string::npos) return false;
  return chains.substr(hook, chains.find('\n', hook) - hook).ends_with("policy drop;");
}

}  // namespace sluice::netlink
