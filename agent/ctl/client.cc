#include "agent/ctl/client.h"

#include "agent/ctl/unix_socket.h"

namespace sluice::ctl {

Result<std::string> Ask(const Question& question) {
  auto agent = UnixSocket::Connect(question.socket);
  if (!agent.ok()) return agent.error().Context("is sluice-agent running?");
  SLUICE_RETURN_IF_ERROR(agent->Send(question.json + "\n"));
  std::string answer;
  while (answer.empty() || answer.back() != '\n') {
    SLUICE_ASSIGN_OR_RETURN(const std::string more, agent->Receive());
    answer += more;
  }
  answer.pop_back();
  return answer;
}

}  // namespace sluice::ctl
