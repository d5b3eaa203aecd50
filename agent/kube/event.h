// Event: what an object's owner is told by `kubectl describe` (core/v1 Event). Pure.
#pragma once

#include <chrono>
#include <string>

#include "agent/kube/complaint.h"

namespace sluice::kube {

struct Event {
  ObjectRef object;     // its name is not empty
  std::string reason;   // "PolicyNotUnderstood"
  std::string message;  // for a person; cut off at 1,024 bytes, which is what the API takes

  friend bool operator==(const Event&, const Event&) = default;
};

// What is told of a complaint about an object.
Event EventOf(const Complaint& complaint, const ObjectRef& object);

// The same for the same object and message on every node: the first node's Event is created, the
// others are told 409 Conflict. So a thousand nodes make one.
std::string EventName(const Event& event);

struct EventPost {
  std::string target;  // path of the collection
  std::string json;
};
struct EventOrigin {
  std::string node;
  std::chrono::system_clock::time_point now;
};
EventPost PostOf(const Event& event, const EventOrigin& origin);

}  // namespace sluice::kube
