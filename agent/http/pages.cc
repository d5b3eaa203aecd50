#include "agent/http/pages.h"

namespace sluice::http {
namespace {

constexpr unsigned kNotFound = 404;
constexpr unsigned kServiceUnavailable = 503;

Answer AnswerFindings(const std::vector<std::string>& findings) {
  if (findings.empty()) return {.body = "ok\n"};
  Answer answer{.status = kServiceUnavailable, .body = ""};
  for (const std::string& line : findings) answer.body += line + "\n";
  return answer;
}

}  // namespace

Answer AnswerPage(const Pages& pages, std::string_view path) {
  if (path == "/healthz") return AnswerFindings(pages.healthz());
  if (path == "/readyz") return AnswerFindings(pages.readyz());
  if (path == "/metrics") {
    return {.content_type = "text/plain; version=0.0.4; charset=utf-8", .body = pages.metrics()};
  }
  return {.status = kNotFound, .body = "there are /healthz, /readyz and /metrics\n"};
}

}  // namespace sluice::http
