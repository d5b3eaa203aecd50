#include "tests/fakes/fake_api_server.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <thread>
#include <utility>

#include "tests/fakes/api_server_connection.h"

namespace sluice::fakes {
namespace {

namespace ssl = boost::asio::ssl;
using boost::asio::ip::tcp;

std::string Status(int code, const std::string& reason, const std::string& message) {
  return R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":")" + message +
         R"(","reason":")" + reason + R"(","code":)" + std::to_string(code) + "}";
}

RawAnswer Expired() { return {410, Status(410, "Expired", "too old resource version"), ""}; }

std::string Event(std::string_view type, const std::string& object) {
  return R"({"type":")" + std::string(type) + R"(","object":)" + object + "}\n";
}

std::string Bookmark(uint64_t version, const std::string& annotations) {
  return Event("BOOKMARK", R"({"metadata":{"resourceVersion":")" + std::to_string(version) + "\"" +
                               annotations + "}}");
}

bool IsOfOneNode(const std::string& path) { return path.starts_with("/api/v1/nodes/"); }

uint64_t Number(const std::string& text) { return text.empty() ? 0 : std::stoull(text); }

}  // namespace

std::string ApiRequest::Query(const std::string& name) const {
  const size_t mark = target.find('?');
  if (mark == std::string::npos) return "";
  const std::string query = "&" + target.substr(mark + 1);
  const size_t at = query.find("&" + name + "=");
  if (at == std::string::npos) return "";
  const size_t begin = at + name.size() + 2;
  return query.substr(begin, query.find('&', begin) - begin);
}

FakeApiServer::FakeApiServer(boost::asio::io_context& io, const Tls& tls) : io_(io), acceptor_(io) {
  SetTls(tls);
  Back();
}

FakeApiServer::~FakeApiServer() { Away(); }

void FakeApiServer::SetTls(const Tls& tls) {
  tls_ = std::make_shared<ssl::context>(ssl::context::tls_server);
  tls_->use_certificate_chain(boost::asio::buffer(tls.certificate.certificate));
  tls_->use_private_key(boost::asio::buffer(tls.certificate.key), ssl::context::pem);
  if (tls.client_ca.empty()) return;
  tls_->add_certificate_authority(boost::asio::buffer(tls.client_ca));
  tls_->set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
}

void FakeApiServer::Back() {
  const tcp::endpoint here(boost::asio::ip::address_v4::loopback(), port_);
  acceptor_.open(here.protocol());
  acceptor_.set_option(tcp::acceptor::reuse_address(true));
  acceptor_.bind(here);
  acceptor_.listen();
  port_ = acceptor_.local_endpoint().port();
  Accept();
}

void FakeApiServer::Away() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  DropConnections();
}

void FakeApiServer::Accept() {
  acceptor_.async_accept([this](const boost::system::error_code& failed, tcp::socket socket) {
    if (failed) return;
    ++connections_taken_;
    const auto connection = std::make_shared<ApiServerConnection>(
        std::move(socket), tls_,
        [this](const auto& from, const ApiRequest& request) { Serve(from, request); });
    connections_.push_back(connection);
    connection->Start();
    Accept();
  });
}

void FakeApiServer::Serve(const std::shared_ptr<ApiServerConnection>& connection,
                          const ApiRequest& request) {
  requests_.push_back(request);
  if (faults_.silent || request.path() == faults_.silent_path) return;
  if (faults_.answer) {
    connection->Answer(*faults_.answer);
    std::this_thread::sleep_for(faults_.standstill);
    return;
  }
  if (!faults_.token.empty() && request.authorization != "Bearer " + faults_.token) {
    return connection->Answer({401, Status(401, "Unauthorized", "Unauthorized"), ""});
  }
  if (!request.body.empty()) {
    ServeCreate(*connection, request);
  } else if (request.Query("watch") == "true") {
    ServeWatch(*connection, request);
  } else if (IsOfOneNode(request.path())) {
    ServeObject(*connection, request);
  } else {
    ServeList(*connection, request);
  }
}

void FakeApiServer::ServeObject(ApiServerConnection& connection, const ApiRequest& request) {
  const std::string path = request.path();
  const size_t slash = path.rfind('/');
  const auto& items = items_[path.substr(0, slash)];
  const auto item = items.find(path.substr(slash + 1));
  if (item == items.end()) {
    return connection.Answer({404, Status(404, "NotFound", "no such object"), ""});
  }
  connection.Begin("");
  connection.Send(item->second, faults_.piece);
  connection.End();
}

void FakeApiServer::ServeCreate(ApiServerConnection& connection, const ApiRequest& request) {
  const std::string key = "\"name\":\"";
  const size_t begin = request.body.find(key) + key.size();
  const std::string name = request.body.substr(begin, request.body.find('"', begin) - begin);
  if (!created_names_.insert(request.target + "/" + name).second) {
    return connection.Answer({409, Status(409, "AlreadyExists", "already exists"), ""});
  }
  created_.push_back(request);
  connection.Answer({201, request.body, ""});
}

// A continuation is VERSION.NAME, the last name of the page before.
void FakeApiServer::ServeList(ApiServerConnection& connection, const ApiRequest& request) {
  const std::string from = request.Query("continue");
  const size_t dot = from.find('.');
  if (!from.empty() && Number(from.substr(0, dot)) < oldest_) return connection.Answer(Expired());
  const uint64_t limit = Number(request.Query("limit"));
  const auto& items = items_[request.path()];
  auto item = from.empty() ? items.begin() : items.upper_bound(from.substr(dot + 1));
  std::string body;
  std::string continuation;
  for (uint64_t count = 0; item != items.end(); ++item) {
    if (limit > 0 && ++count > limit) {
      continuation = std::to_string(version_) + "." + std::prev(item)->first;
      break;
    }
    body += (body.empty() ? "" : ",") + item->second;
  }
  connection.Begin("");
  connection.Send(R"({"kind":"List","apiVersion":"v1","metadata":{"resourceVersion":")" +
                      std::to_string(version_) + R"(","continue":")" + continuation +
                      R"("},"items":[)" + body + "]}\n",
                  faults_.piece);
  connection.End();
}

void FakeApiServer::ServeWatch(ApiServerConnection& connection, const ApiRequest& request) {
  const bool initial = request.Query("sendInitialEvents") == "true";
  if (initial && !faults_.streaming_lists) {
    return connection.Answer({422, Status(422, "Invalid", "sendInitialEvents is forbidden"), ""});
  }
  const uint64_t from = Number(request.Query("resourceVersion"));
  if (!initial && from < oldest_) return connection.Answer(Expired());
  std::string lines;
  if (initial) {
    for (const auto& [name, item] : items_[request.path()]) lines += Event("ADDED", item);
    if (!faults_.ignores_initial_events) {
      lines += Bookmark(version_, R"(,"annotations":{"k8s.io/initial-events-end":"true"})");
    }
  } else {
    for (const Change& change : history_) {
      if (change.path == request.path() && change.version > from) lines += change.line;
    }
  }
  connection.Begin(request.path());
  connection.Send(lines, faults_.piece);
}

void FakeApiServer::Put(const std::string& path, const std::string& name,
                        const std::string& fields) {
  const bool fresh = !items_[path].contains(name);
  const std::string item = R"({"metadata":{"name":")" + name +
                           R"(","namespace":"shop","resourceVersion":")" +
                           std::to_string(++version_) + "\"}," + fields + "}";
  items_[path][name] = item;
  Record(path, fresh ? "ADDED" : "MODIFIED", item);
}

void FakeApiServer::Delete(const std::string& path, const std::string& name) {
  items_[path].erase(name);
  Record(path, "DELETED",
         R"({"metadata":{"name":")" + name + R"(","namespace":"shop","resourceVersion":")" +
             std::to_string(++version_) + "\"}}");
}

void FakeApiServer::Record(const std::string& path, std::string_view type,
                           const std::string& item) {
  history_.push_back({version_, path, Event(type, item)});
  SendToWatches(path, history_.back().line);
}

void FakeApiServer::Compact() {
  history_.clear();
  oldest_ = ++version_;
}

std::vector<std::shared_ptr<ApiServerConnection>> FakeApiServer::Open() const {
  std::erase_if(connections_, [](const auto& connection) { return !connection->open(); });
  return connections_;
}

void FakeApiServer::SendToWatches(const std::string& path, const std::string& line) {
  for (const auto& connection : Open()) {
    if (connection->watched_path() == path) connection->Send(line, faults_.piece);
  }
}

void FakeApiServer::SendBookmarks() {
  for (const auto& connection : Open()) {
    if (!connection->watched_path().empty()) {
      connection->Send(Bookmark(version_, ""), faults_.piece);
    }
  }
}

void FakeApiServer::ExpireWatches() {
  for (const auto& connection : Open()) {
    if (connection->watched_path().empty()) continue;
    connection->Send(Event("ERROR", Expired().body), faults_.piece);
    connection->End();
  }
}

void FakeApiServer::EndWatches() {
  for (const auto& connection : Open()) {
    if (!connection->watched_path().empty()) connection->End();
  }
}

void FakeApiServer::DropConnections() {
  for (const auto& connection : Open()) connection->Drop();
}

size_t FakeApiServer::open_watches() const {
  size_t count = 0;
  for (const auto& connection : Open()) count += connection->watched_path().empty() ? 0 : 1;
  return count;
}

}  // namespace sluice::fakes
