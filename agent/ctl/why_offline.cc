#include "agent/ctl/why_offline.h"

#include "agent/explain/explain.h"
#include "agent/manifests/manifest_files.h"
#include "agent/manifests/manifest_set.h"
#include "agent/manifests/manifest_source.h"
#include "agent/status/why_json.h"

namespace sluice::ctl {
namespace {

Result<manifests::ManifestSet> ReadDirectory(const std::string& directory) {
  SLUICE_ASSIGN_OR_RETURN(const auto names, manifests::ListManifests(directory));
  std::vector<manifests::FileChange> files;
  for (const std::string& name : names) {
    auto file = manifests::ReadManifest({directory, name}, manifests::Readiness::kComplete);
    if (file) files.push_back(*std::move(file));
  }
  manifests::ManifestSet set;
  set.Apply(files);
  return set;
}

Result<std::vector<Cidr>> ParseRanges(std::string_view text) {
  std::vector<Cidr> ranges;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const Result<Cidr> range = ParseCidr(text.substr(0, comma));
    if (!range.ok()) return range.error().Context("--pod_cidr");
    ranges.push_back(*range);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return ranges;
}

}  // namespace

Result<std::string> ExplainOffline(const OfflineWhy& why) {
  SLUICE_ASSIGN_OR_RETURN(const explain::Question question, explain::ParseQuestion(why.question));
  SLUICE_ASSIGN_OR_RETURN(const manifests::ManifestSet set, ReadDirectory(why.directory));
  SLUICE_ASSIGN_OR_RETURN(const std::vector<Cidr> ranges, ParseRanges(why.pod_cidrs));
  store::ClusterStore store;
  for (const store::StoreEvent& event : set.Snapshot()) store.Apply(event);
  rapidjson::StringBuffer buffer;
  status::JsonWriter out(buffer);
  out.StartObject();
  status::WriteExplanation(out, explain::Explain({.store = store,
                                                  .node_addresses = {},
                                                  .judged = explain::View::Judged::kAll,
                                                  .pod_ranges = ranges},
                                                 question));
  out.Key("complaints");
  out.StartArray();
  for (const manifests::Complaint& complaint : set.Complaints()) {
    if (complaint.severity != manifests::Complaint::Severity::kError) continue;
    out.String(complaint.ToString().c_str());
  }
  out.EndArray();
  out.EndObject();
  return std::string(buffer.GetString());
}

}  // namespace sluice::ctl
