#include "tests/fuzz/level.h"

namespace sluice::fuzz {
namespace {

std::string ToString(const oracle::Side& side) {
  if (!side.isolated) return side.allowed ? "open" : "open, and yet denied";
  return side.allowed ? "isolated, allowed" : "isolated, denied";
}

// Judge knows addresses: that the node itself opens a connection is for the pipeline to see. Every
// question is one about addresses here.
class EngineLevel : public Level {
 public:
  std::string name() const override { return "engine"; }

  Result<std::vector<Answer>> Ask(Replay& replay, const std::vector<Question>& questions) override {
    std::vector<Answer> answers;
    for (const Question& question : questions) {
      const oracle::Connection& of = question.connection;
      const policy::Verdict verdict =
          replay.desired().policy().Judge({of.source, of.destination, of.ip_protocol, of.port});
      const oracle::Verdict said{{verdict.egress.isolated, verdict.egress.allowed()},
                                 {verdict.ingress.isolated, verdict.ingress.allowed()}};
      const bool asked = of.opener == oracle::Opener::kAddress;
      answers.push_back({fuzz::ToString(said), asked, said == question.expected});
    }
    return answers;
  }
};

}  // namespace

std::string ToString(const oracle::Verdict& verdict) {
  return "egress " + ToString(verdict.egress) + "; ingress " + ToString(verdict.ingress);
}

std::string ToString(const oracle::Connection& connection) {
  std::string protocol = std::to_string(connection.ip_protocol);
  if (connection.ip_protocol == 6) protocol = "TCP";
  if (connection.ip_protocol == 17) protocol = "UDP";
  if (connection.ip_protocol == 132) protocol = "SCTP";
  return connection.source.ToString() + " -> " + connection.destination.ToString() + " " +
         protocol + " port " + std::to_string(connection.port) +
         (connection.opener == oracle::Opener::kThisNode ? ", opened by the node itself" : "");
}

std::unique_ptr<Level> MakeEngineLevel() { return std::make_unique<EngineLevel>(); }

}  // namespace sluice::fuzz
