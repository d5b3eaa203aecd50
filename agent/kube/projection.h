// Projection: which fields of an object are worth keeping, and the SAX pass that keeps no others.
// Most of a Pod (managedFields, container specs, conditions) is never even copied.
#pragma once

#include <rapidjson/document.h>

#include <string>
#include <string_view>
#include <vector>

namespace sluice::kube {

// A tree of field names. The items of a list are looked at as the list itself is.
struct Projection {
  std::string_view name;
  std::vector<Projection> fields;  // empty: this field with all that is in it
};

// What an object says of itself; known as far as the text could be read.
struct ObjectNames {
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string event_type;  // the field "type" beside an object at depth 1
};

struct ProjectedObject {
  rapidjson::Document json;  // null if `error` is not empty
  ObjectNames names;         // of the object at `object_depth`
  std::string error;         // why the text is not JSON
};

struct ProjectionSpec {
  const Projection* root = nullptr;
  // How deep in the text the object stands whose metadata is read into `names`: 0 if the text is
  // the object, 1 if it is a field of the text (a watch event).
  size_t object_depth = 0;
};

ProjectedObject Project(std::string_view text, ProjectionSpec spec);

}  // namespace sluice::kube
