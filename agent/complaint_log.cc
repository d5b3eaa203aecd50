#include "agent/complaint_log.h"

#include <glog/logging.h>

#include <algorithm>

namespace sluice {
namespace {

// What a complaint is counted as.
std::string KindOf(const kube::Complaint& complaint) {
  return std::string(complaint.object ? store::ToString(complaint.object->kind) : "watch");
}
std::string KindOf(const manifests::Complaint&) { return "manifest"; }

// kube logs those itself, once an outage.
bool IsOutage(const kube::Complaint& complaint) { return !complaint.object; }
bool IsOutage(const manifests::Complaint&) { return false; }

}  // namespace

void ComplaintLog::Take(const std::vector<manifests::Complaint>& complaints) {
  TakeAny(complaints);
}

void ComplaintLog::Take(const std::vector<kube::Complaint>& complaints) { TakeAny(complaints); }

template <typename Complaint>
void ComplaintLog::TakeAny(const std::vector<Complaint>& complaints) {
  std::vector<std::string> lines;
  counts_.clear();
  for (const Complaint& complaint : complaints) {
    lines.push_back(complaint.ToString());
    ++counts_[KindOf(complaint)];
    if (IsOutage(complaint) ||
        std::find(lines_.begin(), lines_.end(), lines.back()) != lines_.end()) {
      continue;
    }
    if (complaint.severity == Complaint::Severity::kError) {
      LOG(ERROR) << lines.back();
    } else {
      LOG(WARNING) << lines.back();
    }
  }
  lines_ = std::move(lines);
}

}  // namespace sluice
