// Startup: completes the options by what only the apiserver knows, the networks of this node's
// pods, before there is an Agent.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "agent/http/pages.h"
#include "agent/kube/own_node.h"
#include "agent/options.h"
#include "ofctl/base/result.h"

namespace sluice {

class Startup {
 public:
  // With complete options, or with an error that no waiting mends.
  using Begin = std::function<void(Result<Options>)>;

  // `begin` is called once, from inside Start if nothing is missing.
  Startup(boost::asio::io_context& io, Options options, Begin begin);
  ~Startup();
  Startup(const Startup&) = delete;
  Startup& operator=(const Startup&) = delete;

  // Errors are those that no waiting mends: credentials that cannot be read.
  Status Start();
  // What is waited for: "Node n1: has no spec.podCIDRs yet". "" once there is nothing.
  std::string missing() const { return own_node_ ? own_node_->missing() : ""; }
  // What is served meanwhile.
  http::Pages Pages() const;

 private:
  void OnNode(const store::Node& node);

  boost::asio::io_context& io_;
  Options options_;
  Begin begin_;
  std::shared_ptr<kube::OwnNode> own_node_;
};

}  // namespace sluice
