// sluicectl: asks a running agent.
#include <gflags/gflags.h>

#include <iostream>
#include <string>
#include <vector>

#include "agent/ctl/commands.h"

DEFINE_string(socket, "/run/sluice/status.sock", "The agent's status socket");
DEFINE_string(o, "text", "Output: text or json");
DEFINE_string(manifests, "", "why: judge by this directory of manifests; asks no agent");
DEFINE_string(pod_cidr, "10.244.0.0/24",
              "why --manifests: where pods without status.podIPs will have their addresses; one "
              "prefix a family, separated by a comma; empty: nowhere known");

namespace {

constexpr char kUsage[] =
    "asks a running sluice-agent\n\n"
    "  sluicectl [--socket=PATH] [-o json] COMMAND\n\n"
    "  why A B:PORT[/tcp|udp|sctp]\n"
    "             may A open a connection to B, and why; compared with ofproto/trace on the "
    "switch;\n"
    "             A and B are namespace/pod, pod (of namespace default), an address "
    "([IPv6]:PORT),\n"
    "             or node; PORT is a number or one of B's port names; exit code 0 allowed,\n"
    "             1 denied, 2 cannot say; with --manifests=DIR no agent is asked\n"
    "  status     is the switch in sync, and is anything wrong with the input\n"
    "  endpoints  the pods attached to this node's bridge\n"
    "  classes    which addresses no rule can tell apart, and the registers' values for them\n"
    "  rules      the rules in force here, their conj_id, and the policies they come from\n"
    "  verdicts   reads lines \"SOURCE DESTINATION tcp|udp|sctp PORT\", writes allowed, denied or\n"
    "             unknown for each; SOURCE and DESTINATION are namespace/pod, one of its "
    "addresses\n"
    "             (namespace/pod@address), any address, or node\n";

}  // namespace

int main(int argc, char** argv) {
  gflags::SetUsageMessage(kUsage);
  gflags::ParseCommandLineFlags(&argc, &argv, /*remove_flags=*/true);
  const bool why = argc > 1 && std::string(argv[1]) == "why";
  if (argc != (why ? 4 : 2)) {
    std::cerr << "usage: sluicectl: " << kUsage;
    return 2;
  }
  if (FLAGS_o != "text" && FLAGS_o != "json") {
    std::cerr << "sluicectl: -o is text or json, not \"" << FLAGS_o << "\"\n";
    return 2;
  }
  if (!why && !FLAGS_manifests.empty()) {
    std::cerr << "sluicectl: --manifests is for why alone\n";
    return 2;
  }
  sluice::ctl::Request request{
      .command = argv[1],
      .socket = FLAGS_socket,
      .output = FLAGS_o == "json" ? sluice::ctl::Output::kJson : sluice::ctl::Output::kText,
      .question = {},
      .manifests = FLAGS_manifests,
      .pod_cidrs = FLAGS_pod_cidr};
  if (why) request.question = {argv[2], argv[3]};
  const sluice::Result<int> exit_code = sluice::ctl::Run(request, std::cin, std::cout);
  if (!exit_code.ok()) {
    std::cerr << "sluicectl: " << exit_code.error().message() << "\n";
    return 2;
  }
  return *exit_code;
}
