#include "tests/conformance/packets/cni_runtime.h"

#include <chrono>

#include "cni/process.h"

namespace sluice::conformance {
namespace {

constexpr char kIpamPlugins[] = "/usr/lib/cni";
constexpr std::chrono::seconds kPatience{30};
constexpr size_t kOutputLimit = 65536;

std::string HostPrefix(const IpAddress& ip) { return Cidr::Host(ip).ToString(); }

std::string Configuration(const std::string& agent_socket, const std::vector<IpAddress>& ips) {
  std::string addresses;
  for (const IpAddress& ip : ips) {
    addresses += (addresses.empty() ? "" : ", ") + (R"({"address": ")" + HostPrefix(ip) + R"("})");
  }
  return R"({"cniVersion": "1.0.0", "name": "conformance", "type": "sluice", "agentSocket": ")" +
         agent_socket + R"(", "ipam": {"type": "static", "addresses": [)" + addresses + "]}}";
}

}  // namespace

Status CniRuntime::Add(const Attachment& attachment) const {
  SLUICE_ASSIGN_OR_RETURN(const std::string output, Run("ADD", attachment));
  for (const IpAddress& ip : attachment.ips) {
    if (output.find('"' + HostPrefix(ip) + '"') != std::string::npos) continue;
    return Internal("CNI ADD " + attachment.pod.ToString() + " did not give " + ip.ToString() +
                    ": " + output);
  }
  return Ok();
}

Status CniRuntime::Delete(const Attachment& attachment) const {
  const auto output = Run("DEL", attachment);
  return output.ok() ? Ok() : output.error();
}

Result<std::string> CniRuntime::Run(const std::string& command,
                                    const Attachment& attachment) const {
  const std::string input = Configuration(spec_.agent_socket, attachment.ips);
  const auto ended = cni::RunProgram(
      {.path = spec_.plugin,
       .environment = {{"PATH", "/usr/sbin:/usr/bin:/sbin:/bin"},
                       {"CNI_COMMAND", command},
                       {"CNI_CONTAINERID", attachment.pod.ns + "." + attachment.pod.name},
                       {"CNI_NETNS", attachment.netns},
                       {"CNI_IFNAME", "eth0"},
                       {"CNI_PATH", kIpamPlugins},
                       {"CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + attachment.pod.ns +
                                        ";K8S_POD_NAME=" + attachment.pod.name}},
       .input = input,
       .output_limit = kOutputLimit,
       .timeout = kPatience});
  const std::string what = "CNI " + command + " " + attachment.pod.ToString();
  if (!ended.ok()) return ended.error().Context(what);
  if (ended->exit_status != 0) return Refused(what + ": " + ended->output);
  return ended->output;
}

}  // namespace sluice::conformance
