// sluicectl: asks a running agent.
#include <gflags/gflags.h>

#include <iostream>
#include <string>
#include <vector>

#include "agent/ctl/commands.h"

DEFINE_string(socket, "/run/sluice/status.sock", "The agent's status socket");
DEFINE_string(o, "text", "Output: text or json");

namespace {

constexpr char kUsage[] =
    "asks a running sluice-agent\n\n"
    "  sluicectl [--socket=PATH] [-o json] COMMAND\n\n"
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
  if (argc != 2) {
    std::cerr << "usage: sluicectl: " << kUsage;
    return 2;
  }
  if (FLAGS_o != "text" && FLAGS_o != "json") {
    std::cerr << "sluicectl: -o is text or json, not \"" << FLAGS_o << "\"\n";
    return 2;
  }
  const sluice::ctl::Request request{
      .command = argv[1],
      .socket = FLAGS_socket,
      .output = FLAGS_o == "json" ? sluice::ctl::Output::kJson : sluice::ctl::Output::kText};
  const sluice::Result<int> exit_code = sluice::ctl::Run(request, std::cin, std::cout);
  if (!exit_code.ok()) {
    std::cerr << "sluicectl: " << exit_code.error().message() << "\n";
    return 2;
  }
  return *exit_code;
}
