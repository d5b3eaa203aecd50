// PacketsLevel: real packets between real network namespaces. A connection is allowed if the server
// that it is for answers by its name. It is denied if no answer comes and the switch has counted
// the packet in a policy's isolation flow; silence alone says nothing on a slow machine.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "tests/conformance/level.h"
#include "tests/conformance/packets/packet_node.h"
#include "tests/conformance/packets/probe_batch.h"

namespace sluice::conformance {

class PacketsLevel : public Level {
 public:
  // `programs`: the directory of sluice-agent and sluice.
  explicit PacketsLevel(std::string programs) : programs_(std::move(programs)) {}

  Status Follow(Stage& stage) override;
  bool Judges(View view) const override { return view == View::kCombined; }
  std::optional<std::string> WhyNot(const End& source, const End& destination) const override;
  Result<std::vector<Outcomes>> Judge(Stage& stage, const std::vector<End>& ends,
                                      const std::vector<Table>& tables) override;

 private:
  // Whoever is outside is there, and everybody serves what is going to be tried.
  Status Furnish(const std::vector<End>& ends, const std::vector<Table>& tables);
  Result<Outcomes> Try(const std::vector<Probe>& probes);
  // By itself, again if need be, until it is answered or has been dropped.
  Result<Outcome> TryAlone(const Probe& probe);

  std::string programs_;
  boost::asio::io_context io_;  // outlives the node's servers
  std::unique_ptr<PacketNode> node_;
};

}  // namespace sluice::conformance
