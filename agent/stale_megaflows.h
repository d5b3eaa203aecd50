// StaleMegaflows: has ovs-vswitchd purge its megaflows when reconcile::MegaflowPurge says so.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "agent/reconcile/megaflow_purge.h"

namespace sluice {

class StaleMegaflows {
 public:
  // `io` is borrowed. `ovs_rundir` is where ovs-vswitchd's pidfile and control socket are.
  StaleMegaflows(boost::asio::io_context& io, std::string ovs_rundir,
                 reconcile::MegaflowPurge::Schedule schedule);

  void Purge() { purge_.Owe(); }
  const reconcile::MegaflowPurge& purge() const { return purge_; }

 private:
  using Done = reconcile::MegaflowPurge::Done;

  void Begin(Done done);

  boost::asio::io_context& io_;
  const std::string ovs_rundir_;
  reconcile::MegaflowPurge purge_;
};

}  // namespace sluice
