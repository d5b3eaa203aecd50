#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace sluice::http {

struct Answer {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;

  friend bool operator==(const Answer&, const Answer&) = default;
};

// What a GET of `path` (without its query) is answered. Runs on the event loop: it must be quick.
using Handler = std::function<Answer(std::string_view path)>;

}  // namespace sluice::http
