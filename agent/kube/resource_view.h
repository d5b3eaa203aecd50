// ResourceView: which objects of one resource are in force, and how that changes. Pure. It holds
// names, not objects: the store compares.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "agent/kube/api_object.h"
#include "agent/kube/complaint.h"
#include "agent/kube/resource.h"
#include "agent/store/objects.h"

namespace sluice::kube {

class ResourceView {
 public:
  explicit ResourceView(Resource resource) : kind_(KindOf(resource)) {}

  // One change, in force at once. An object that cannot be understood leaves its last good version
  // in force.
  void Put(ApiObject object);
  void Delete(const ApiObject& object);

  // A list is collected aside, and what was collected before and not ended is forgotten. EndList
  // puts it in force as a whole: what is not in it is gone. An object in it that does not even say
  // its name may be any that is missing, so then nothing is gone.
  void BeginList();
  void Collect(ObjectChange change);
  void EndList();

  // What changed since the last call.
  std::vector<store::StoreEvent> TakeEvents();
  std::vector<Complaint> Complaints() const;
  // Whether they may be others than at the last call.
  bool TakeComplaintsChanged() { return std::exchange(complaints_changed_, false); }

 private:
  using Key = store::ObjectKey;  // empty: an object without a name
  using ComplaintMap = std::map<Key, Complaint>;

  struct Collected {
    std::map<Key, std::optional<store::Object>> objects;  // absent: not understood
    ComplaintMap complaints;
    bool nameless = false;
  };
  std::optional<Complaint> ComplaintAbout(const ApiObject& object) const;

  store::ObjectKind kind_;
  std::set<Key> in_force_;
  ComplaintMap complaints_;
  bool complaints_changed_ = false;
  Collected collected_;
  std::vector<store::StoreEvent> events_;
};

}  // namespace sluice::kube
