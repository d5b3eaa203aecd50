#include "agent/metrics/metrics.h"

#include <prometheus/text_serializer.h>

#include <iterator>
#include <utility>
#include <vector>

#include "agent/metrics/families.h"
#include "agent/metrics/process_reading.h"

namespace sluice::metrics {

std::string Exposition(const Scraped& scraped) {
  std::vector<prometheus::MetricFamily> families;
  const auto add = [&families](std::vector<prometheus::MetricFamily> more) {
    std::move(more.begin(), more.end(), std::back_inserter(families));
  };
  add(FamiliesOf(scraped.desired, scraped.reconciler));
  add(FamiliesOf(scraped.purge));
  add(FamiliesOf(scraped.facts));
  add(scraped.latencies.Collect());
  add(FamiliesOf(ReadProcess()));
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace sluice::metrics
