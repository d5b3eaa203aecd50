#include "agent/kube/resource_view.h"

#include <utility>

namespace sluice::kube {

std::optional<Complaint> ResourceView::ComplaintAbout(const ApiObject& object) const {
  const ObjectRef ref{.kind = kind_,
                      .key = object.key.value_or(Key()),
                      .uid = object.uid,
                      .resource_version = object.resource_version};
  if (const auto* refused = std::get_if<decode::DecodeError>(&object.content)) {
    return Complaint{Complaint::Severity::kError, refused->ToString(), ref};
  }
  if (object.in_force == InForce::kClosedInstead) {
    return Complaint{Complaint::Severity::kError, *object.warning, ref};
  }
  if (object.warning) return Complaint{Complaint::Severity::kWarning, *object.warning, ref};
  return std::nullopt;
}

void ResourceView::Put(ApiObject object) {
  const Key key = object.key.value_or(Key());
  if (auto complaint = ComplaintAbout(object)) {
    complaints_.insert_or_assign(key, *std::move(complaint));
    complaints_changed_ = true;
  } else if (complaints_.erase(key) > 0) {
    complaints_changed_ = true;
  }
  auto* good = std::get_if<store::Object>(&object.content);
  if (good == nullptr) return;
  in_force_.insert(key);
  events_.push_back({kind_, key, std::move(*good)});
}

void ResourceView::Delete(const ApiObject& object) {
  if (!object.key) return;
  if (complaints_.erase(*object.key) > 0) complaints_changed_ = true;
  if (in_force_.erase(*object.key) > 0) events_.push_back({kind_, *object.key, std::nullopt});
}

void ResourceView::BeginList() { collected_ = Collected(); }

void ResourceView::Collect(ObjectChange change) {
  ApiObject& object = change.object;
  const Key key = object.key.value_or(Key());
  collected_.objects.erase(key);
  collected_.complaints.erase(key);
  if (change.type == ObjectChange::Type::kDeleted) return;
  if (auto complaint = ComplaintAbout(object)) collected_.complaints.emplace(key, *complaint);
  if (!object.key) {
    collected_.nameless = true;
    return;
  }
  std::optional<store::Object> content;
  if (auto* good = std::get_if<store::Object>(&object.content)) content = std::move(*good);
  collected_.objects.emplace(key, std::move(content));
}

void ResourceView::EndList() {
  Collected list = std::exchange(collected_, Collected());
  for (auto key = in_force_.begin(); key != in_force_.end();) {
    if (list.nameless || list.objects.contains(*key)) {
      ++key;
      continue;
    }
    events_.push_back({kind_, *key, std::nullopt});
    key = in_force_.erase(key);
  }
  for (auto& [key, object] : list.objects) {
    if (!object) continue;
    in_force_.insert(key);
    events_.push_back({kind_, key, std::move(object)});
  }
  complaints_changed_ = true;
  complaints_ = std::move(list.complaints);
}

std::vector<store::StoreEvent> ResourceView::TakeEvents() { return std::exchange(events_, {}); }

std::vector<Complaint> ResourceView::Complaints() const {
  std::vector<Complaint> complaints;
  for (const auto& [key, complaint] : complaints_) complaints.push_back(complaint);
  return complaints;
}

}  // namespace sluice::kube
