#include "agent/http/pages.h"

#include <gtest/gtest.h>

namespace sluice::http {
namespace {

TEST(PagesTest, AProbeIsFineOrNamesWhatIsMissingLineByLine) {
  const Pages pages{.healthz = [] { return std::vector<std::string>(); },
                    .readyz =
                        [] {
                          return std::vector<std::string>{"ovsdb: away", "pods: list"};
                        },
                    .metrics = [] { return "up 1\n"; }};
  EXPECT_EQ(AnswerPage(pages, "/healthz"), (Answer{.body = "ok\n"}));
  EXPECT_EQ(AnswerPage(pages, "/readyz"),
            (Answer{.status = 503, .body = "ovsdb: away\npods: list\n"}));
  EXPECT_EQ(AnswerPage(pages, "/metrics").body, "up 1\n");
  EXPECT_EQ(AnswerPage(pages, "/metrics").content_type, "text/plain; version=0.0.4; charset=utf-8");
}

TEST(PagesTest, ThereIsNothingElse) {
  for (const std::string path : {"", "/", "/healthz/", "/metricsx", "/debug/pprof", "*"}) {
    EXPECT_EQ(AnswerPage({}, path).status, 404U) << path;
  }
}

}  // namespace
}  // namespace sluice::http
