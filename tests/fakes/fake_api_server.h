// FakeApiServer: the part of a kube-apiserver that lists and watches, over real TLS on 127.0.0.1,
// with faults on demand. Runs on the test's own io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fakes/test_authority.h"

namespace sluice::fakes {

class ApiServerConnection;

struct ApiRequest {
  std::string target;  // path and query
  std::string authorization;
  std::string accept_encoding;
  std::string body;  // of a POST; empty: a GET

  std::string path() const { return target.substr(0, target.find('?')); }
  // "" if it is not there.
  std::string Query(const std::string& name) const;
};

// An answer written ahead: a Status, a broken body, anything.
struct RawAnswer {
  int code = 200;
  std::string body;
  std::string headers;  // "Retry-After: 1\r\n"
};

class FakeApiServer {
 public:
  struct Tls {
    PemPair certificate;
    std::string client_ca;  // PEM; not empty: clients must show a certificate of it
  };
  struct Faults {
    bool streaming_lists = true;          // false: 422, as a server that does not serve them
    bool ignores_initial_events = false;  // a watch, but no bookmark that ends the list
    bool silent = false;                  // takes requests and never answers
    std::string silent_path;              // never answers to requests for it
    std::optional<RawAnswer> answer;      // to every request
    // After such an answer the whole process stands still, as it does on a machine that is too
    // busy.
    std::chrono::milliseconds standstill{0};
    std::string token;       // not empty: anyone else is 401
    size_t piece = 1 << 16;  // bytes of an HTTP chunk
  };

  FakeApiServer(boost::asio::io_context& io, const Tls& tls);
  ~FakeApiServer();
  FakeApiServer(const FakeApiServer&) = delete;
  FakeApiServer& operator=(const FakeApiServer&) = delete;

  uint16_t port() const { return port_; }
  void SetTls(const Tls& tls);  // of connections from now on
  Faults& faults() { return faults_; }

  // `fields` is what the object has beside metadata.name, namespace and resourceVersion:
  // R"("spec":{...})". `path` is the resource's: "/api/v1/pods".
  void Put(const std::string& path, const std::string& name, const std::string& fields);
  void Delete(const std::string& path, const std::string& name);
  uint64_t version() const { return version_; }

  // History up to now is forgotten: 410 for who goes on from before.
  void Compact();
  // To the open watches: a bookmark, an ERROR 410, any line, or their end in good order.
  void SendBookmarks();
  void ExpireWatches();
  void SendToWatches(const std::string& path, const std::string& line);
  void EndWatches();
  // Every connection is cut; with Away, new ones are refused until Back.
  void DropConnections();
  void Away();
  void Back();

  // What clients created, in order; whoever creates the same name once more is told 409.
  const std::vector<ApiRequest>& created() const { return created_; }

  const std::vector<ApiRequest>& requests() const { return requests_; }
  size_t open_watches() const;
  size_t connections_taken() const { return connections_taken_; }

 private:
  friend class ApiServerConnection;

  struct Change {
    uint64_t version;
    std::string path;
    std::string line;
  };

  void Accept();
  void Serve(const std::shared_ptr<ApiServerConnection>& connection, const ApiRequest& request);
  void ServeObject(ApiServerConnection& connection, const ApiRequest& request);
  void ServeCreate(ApiServerConnection& connection, const ApiRequest& request);
  void ServeList(ApiServerConnection& connection, const ApiRequest& request);
  void ServeWatch(ApiServerConnection& connection, const ApiRequest& request);
  void Record(const std::string& path, std::string_view type, const std::string& item);
  std::vector<std::shared_ptr<ApiServerConnection>> Open() const;

  boost::asio::io_context& io_;
  std::shared_ptr<boost::asio::ssl::context> tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  uint16_t port_ = 0;
  Faults faults_;
  uint64_t version_ = 1000;
  uint64_t oldest_ = 0;  // versions before it are compacted
  std::map<std::string, std::map<std::string, std::string>> items_;  // path, name -> JSON
  std::vector<Change> history_;
  std::vector<ApiRequest> requests_;
  std::vector<ApiRequest> created_;
  std::set<std::string> created_names_;
  mutable std::vector<std::shared_ptr<ApiServerConnection>> connections_;
  size_t connections_taken_ = 0;
};

}  // namespace sluice::fakes
