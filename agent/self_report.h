// SelfReport: what the agent says of itself when somebody asks: sluicectl's answers, and the pages
// /healthz, /readyz and /metrics.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cni_server/socket_file.h"
#include "agent/complaint_log.h"
#include "agent/http/pages.h"
#include "agent/kube/source_thread.h"
#include "agent/metrics/latencies.h"
#include "agent/node_routing.h"
#include "agent/options.h"
#include "agent/ovsdb/ovsdb_client.h"
#include "agent/reconcile/desired_state.h"
#include "agent/reconcile/flow_reconciler.h"
#include "agent/stale_megaflows.h"
#include "agent/status/facts.h"

namespace sluice {

class SelfReport {
 public:
  // What Agent alone knows, and keeps true.
  struct Condition {
    std::string source;  // "apiserver https://..."
    bool objects_synced = false;
    bool endpoints_synced = false;
    std::string bridge_trouble, gateway_trouble;       // empty: none
    std::optional<cni_server::SocketFile> cni_socket;  // what kubelet's runtime reaches us by
  };
  // Borrowed from Agent. Null: not begun yet, or not wanted.
  struct Parts {
    const Options& options;
    const Condition& condition;
    const ComplaintLog& complaints;
    const reconcile::DesiredState& desired;
    const reconcile::FlowReconciler& reconciler;
    const std::unique_ptr<StaleMegaflows>& stale_megaflows;
    const ovsdb::OvsdbClient& database;
    const metrics::Latencies& latencies;
    const std::unique_ptr<kube::SourceThread>& kube;
    const std::unique_ptr<NodeRouting>& node_routing;
  };
  explicit SelfReport(const Parts& parts) : parts_(parts) {}

  // To a question of sluicectl (status/queries.h).
  std::string Answer(std::string_view request) const;
  http::Pages Pages() const;

 private:
  status::AgentFacts Facts() const;  // without complaints: those may be many
  std::vector<std::string> Complaints() const;
  std::vector<std::string> Broken() const;
  std::vector<std::string> Missing() const;

  const Parts parts_;
};

}  // namespace sluice
