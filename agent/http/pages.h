// The pages that the agent serves: /healthz, /readyz, /metrics. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/http/answer.h"

namespace sluice::http {

struct Pages {
  // What is wrong, one line each; none: 200 and "ok", else 503 and the lines.
  using Findings = std::function<std::vector<std::string>()>;

  Findings healthz;  // only what a restart of this process mends: kubelet kills for it
  Findings readyz;   // whatever keeps pods from being attached
  std::function<std::string()> metrics;  // in Prometheus' text format 0.0.4
};

// 404 for any other path.
Answer AnswerPage(const Pages& pages, std::string_view path);

}  // namespace sluice::http
