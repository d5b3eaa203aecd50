// CniServer: answers the CNI plugin (cni/README.md) on a unix socket.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "agent/cni_server/handler.h"

namespace sluice::cni_server {

// For whoever counts.
struct Answered {
  std::string verb;                             // "ADD"
  std::string result;                           // "ok", or the error's code in the protocol
  std::chrono::steady_clock::duration took{0};  // from the request to its answer
};

struct CniServerSpec {
  std::string socket_path;
  // More wait in the socket's queue. A plugin holds its connection while IPAM works.
  size_t max_clients = 256;
  std::chrono::milliseconds idle_timeout{60'000};  // for the request to arrive
  std::chrono::milliseconds add_deadline{30'000};  // for a whole ADD, unless the plugin wants less
  std::function<void(const Answered&)> answered = [](const Answered&) {};
};

class CniServer {
 public:
  // `steps` outlives the io_context's run.
  CniServer(boost::asio::io_context& io, CniServerSpec spec, AttachSteps& steps);
  CniServer(const CniServer&) = delete;
  CniServer& operator=(const CniServer&) = delete;
  // Closes the socket and every connection; operations of the steps under way run to their end.
  ~CniServer();

  // Listens. See OpenListeningSocket for the errors.
  Status Start();

  // Detaches what the tombstones beside the socket name, and removes each when that is done. To be
  // called once the endpoints are known, after Start(): a plugin writes a tombstone only while
  // nobody listens. May be called again; what failed is tried again.
  void HonourTombstones();

  // Detaches every attachment whose link is gone, as after the node was booted anew. Only to be
  // called while the devices of this node are seen, not those of another network namespace.
  void RemoveLost();

 private:
  class State;
  std::shared_ptr<State> state_;
};

}  // namespace sluice::cni_server
