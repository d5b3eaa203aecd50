// ApiClient: requests, one at a time, over a connection that is kept as long as it serves and the
// certificates on disk are those it was made with.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "agent/kube/api_connection.h"
#include "agent/kube/cluster_access.h"
#include "agent/kube/credentials.h"

namespace sluice::kube {

class ApiClient : public std::enable_shared_from_this<ApiClient> {
 public:
  ApiClient(boost::asio::io_context& io, ClusterAccess access);

  // Drops the answer before, if it has not ended.
  void Get(std::string target, Patience patience, const AnswerEvents& events);
  // As Get. Perhaps twice, if the connection turns out to be closed: what is created needs a name.
  void Post(std::string target, std::string json, const AnswerEvents& events);
  // The answer under way is not wanted: no more events.
  void Cancel();

 private:
  enum class Connection : uint8_t { kAny, kFresh };

  void Ask(ApiConnection::Get get, const AnswerEvents& events);
  void Send(const ApiConnection::Get& get, const AnswerEvents& events, Connection wanted);
  void FailLater(const AnswerEvents& events, const Error& why);
  Status Prepare(ApiConnection::Get& get);

  boost::asio::io_context& io_;
  ClusterAccess access_;
  TlsMaterial material_;  // what connection_ was made with
  std::shared_ptr<ApiConnection> connection_;
  uint64_t latest_ = 0;  // counts what makes an error that is still to be told obsolete
};

}  // namespace sluice::kube
