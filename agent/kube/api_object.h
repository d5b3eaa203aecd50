// What the apiserver sends: objects, bookmarks and Status answers, from JSON text. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "agent/decode/object_decoder.h"
#include "agent/kube/resource.h"
#include "agent/store/objects.h"

namespace sluice::kube {

// One object of a resource, as it is now.
enum class InForce : uint8_t { kAsWritten, kClosedInstead };

struct ApiObject {
  // Absent if not even its name could be read.
  std::optional<store::ObjectKey> key;
  std::string resource_version;
  std::variant<store::Object, decode::DecodeError> content;
  // What the apiserver would refuse today and Sluice therefore may have left out: "<object>:
  // <field>: ...". The object is in force, with whatever is not understood allowing nothing.
  std::optional<std::string> warning;
  // A policy that cannot be understood closes its whole namespace instead.
  InForce in_force = InForce::kAsWritten;
  std::string uid{};  // empty if it could not be read
};

// The `Status` object: why a request, or a watch, was refused.
struct ApiStatus {
  int code = 0;  // as HTTP has it
  std::string reason;
  std::string message;
  // A cause "ResourceVersionTooLarge": the server's history is behind what we have seen.
  bool version_too_large = false;

  std::string ToString() const;  // "410 Expired: too old resource version"
  friend bool operator==(const ApiStatus&, const ApiStatus&) = default;
};

struct Bookmark {
  std::string resource_version;
  // The annotation k8s.io/initial-events-end: a streaming list is whole.
  bool initial_events_end = false;

  friend bool operator==(const Bookmark&, const Bookmark&) = default;
};

struct ObjectChange {
  enum class Type : uint8_t { kPut, kDeleted };  // ADDED and MODIFIED both say what is there now
  Type type = Type::kPut;
  ApiObject object;
};

using WatchEvent = std::variant<ObjectChange, Bookmark, ApiStatus>;

// A text that is longer than was kept.
enum class Length : uint8_t { kWhole, kCutOff };

struct ObjectText {
  std::string_view text;
  Length length = Length::kWhole;
};

// An item of a list; those name neither apiVersion nor kind.
ApiObject DecodeItem(Resource resource, ObjectText item);

// One line of a watch. Error: it is no event, so the watch cannot be trusted to have told all.
Result<WatchEvent> DecodeWatchEvent(Resource resource, ObjectText event);

// The body of an answer that is not 200. A body that is no Status becomes its message.
ApiStatus DecodeStatus(int code, std::string_view body);

}  // namespace sluice::kube
