#include "tests/fuzz/shrinker.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>
#include <set>

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

// Without these a manifest is about something else, or about nothing.
bool IsIdentity(std::string_view member) {
  static const std::set<std::string_view> kIdentity = {
      "apiVersion", "kind",     "metadata", "name", "namespace", "containers", "containerPort",
      "key",        "operator", "values",   "cidr", "ip",        "podIP"};
  return kIdentity.contains(member);
}

bool MayBeMissing(const json::key_value_pair& member) {
  if (IsIdentity(member.key())) return false;
  // A pod must have a container.
  const json::object* object = member.value().if_object();
  return object == nullptr || !object->contains("containers");
}

// Removes the index-th thing, in the order of a walk, that may be missing.
class Remover {
 public:
  explicit Remover(size_t index) : left_(index) {}

  // False: there are no more than that.
  bool Remove(json::value& from) {
    if (json::object* object = from.if_object()) return RemoveMember(*object);
    if (json::array* list = from.if_array()) return RemoveItem(*list, 0);
    return false;
  }

 private:
  bool IsIt() { return left_-- == 0; }

  bool RemoveMember(json::object& object) {
    for (auto member = object.begin(); member != object.end(); ++member) {
      if (MayBeMissing(*member) && IsIt()) {
        object.erase(member);
        return true;
      }
      const bool containers = member->key() == "containers";
      if (containers ? RemoveItem(member->value().as_array(), 1) : Remove(member->value())) {
        return true;
      }
    }
    return false;
  }
  bool RemoveItem(json::array& list, size_t least) {
    for (auto item = list.begin(); item != list.end(); ++item) {
      if (list.size() > least && IsIt()) {
        list.erase(item);
        return true;
      }
      if (Remove(*item)) return true;
    }
    return false;
  }

  size_t left_;
};

class Shrinking {
 public:
  Shrinking(History history, const Fails& fails) : history_(std::move(history)), fails_(fails) {}

  History Run() {
    History end = history_;
    end.events = EndOf(history_.events);
    Try(std::move(end));
    bool smaller = true;
    while (smaller) {
      smaller = DropEvents();
      for (size_t i = 0; i < history_.events.size(); ++i) {
        if (std::get_if<Put>(&history_.events[i])) smaller = ShrinkManifest(i) || smaller;
        if (std::get_if<Attach>(&history_.events[i])) smaller = ShrinkEndpoint(i) || smaller;
      }
    }
    // As something that today's apiserver, and the playground, would take.
    History creatable = history_;
    creatable.validation = decode::Validation::kCreate;
    Try(std::move(creatable));
    return std::move(history_);
  }

 private:
  bool Try(History candidate) {
    if (!fails_(candidate)) return false;
    history_ = std::move(candidate);
    return true;
  }

  // Halves first, then smaller and smaller runs, from the end: what was early is what others need.
  bool DropEvents() {
    bool smaller = false;
    for (size_t length = std::max<size_t>(1, history_.events.size() / 2); length > 0; length /= 2) {
      for (size_t end = history_.events.size(); end >= length;) {
        History candidate = history_;
        const auto first = candidate.events.begin() + static_cast<std::ptrdiff_t>(end - length);
        candidate.events.erase(first, first + static_cast<std::ptrdiff_t>(length));
        const bool dropped = Try(std::move(candidate));
        smaller = smaller || dropped;
        end -= dropped ? length : 1;
        end = std::min(end, history_.events.size());
      }
    }
    return smaller;
  }

  bool ShrinkManifest(size_t event) {
    bool smaller = false;
    for (size_t index = 0;;) {
      History candidate = history_;
      json::value manifest = std::get<Put>(candidate.events[event]).manifest;
      if (!Remover(index).Remove(manifest)) return smaller;
      candidate.events[event] = Put{manifest.as_object()};
      if (Try(std::move(candidate))) {
        smaller = true;  // what was behind it has its index now
      } else {
        ++index;
      }
    }
  }

  bool ShrinkEndpoint(size_t event) {
    bool smaller = false;
    for (size_t i = 0; i < std::get<Attach>(history_.events[event]).endpoint.ips.size();) {
      History candidate = history_;
      auto& ips = std::get<Attach>(candidate.events[event]).endpoint.ips;
      if (ips.size() == 1) return smaller;
      ips.erase(ips.begin() + static_cast<std::ptrdiff_t>(i));
      if (Try(std::move(candidate))) {
        smaller = true;
      } else {
        ++i;
      }
    }
    return smaller;
  }

  History history_;
  const Fails& fails_;
};

}  // namespace

History Shrink(History history, const Fails& fails) {
  return Shrinking(std::move(history), fails).Run();
}

}  // namespace sluice::fuzz
