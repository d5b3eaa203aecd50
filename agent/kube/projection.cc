#include "agent/kube/projection.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include <utility>

namespace sluice::kube {
namespace {

using rapidjson::SizeType;

// Forwards to the document what the projection keeps. Each container that is kept has a level; one
// that is not is skipped by counting its braces.
class Filter {
 public:
  Filter(ProjectionSpec spec, rapidjson::Document& out, ObjectNames& names)
      : spec_(spec), out_(out), names_(names) {}

  bool Null() {
    return Scalar([&] { return out_.Null(); });
  }
  bool Bool(bool value) {
    return Scalar([&] { return out_.Bool(value); });
  }
  bool Int(int value) {
    return Scalar([&] { return out_.Int(value); });
  }
  bool Uint(unsigned value) {
    return Scalar([&] { return out_.Uint(value); });
  }
  bool Int64(int64_t value) {
    return Scalar([&] { return out_.Int64(value); });
  }
  bool Uint64(uint64_t value) {
    return Scalar([&] { return out_.Uint64(value); });
  }
  bool Double(double value) {
    return Scalar([&] { return out_.Double(value); });
  }
  bool RawNumber(const char* text, SizeType size, bool copy) { return String(text, size, copy); }
  bool String(const char* text, SizeType size, bool) {
    if (name_ != nullptr) *std::exchange(name_, nullptr) = std::string(text, size);
    return Scalar([&] { return out_.String(text, size, true); });
  }

  bool StartObject() { return Start(Container::kObject); }
  bool StartArray() { return Start(Container::kArray); }
  bool EndObject(SizeType) { return End(); }
  bool EndArray(SizeType) { return End(); }

  bool Key(const char* text, SizeType size, bool) {
    if (skipped_ > 0) return true;
    const std::string_view key(text, size);
    Level& level = levels_.back();
    next_ = Wanted(level, key);
    if (next_ == nullptr) return true;
    NoteName(key);
    ++level.members;
    return out_.String(text, size, true);
  }

 private:
  enum class Container : uint8_t { kObject, kArray };
  struct Level {
    const Projection* projection;
    Container container;
    SizeType members = 0;
    bool is_metadata = false;  // of the object that the text is about
  };

  static const Projection* Wanted(const Level& level, std::string_view key) {
    if (level.projection->fields.empty()) return level.projection;
    for (const Projection& field : level.projection->fields) {
      if (field.name == key) return &field;
    }
    return nullptr;
  }

  void NoteName(std::string_view key) {
    const size_t depth = levels_.size();
    metadata_next_ = depth == spec_.object_depth + 1 && key == "metadata";
    name_ = nullptr;
    if (depth == 1 && spec_.object_depth == 1 && key == "type") name_ = &names_.event_type;
    if (!levels_.back().is_metadata) return;
    if (key == "name") name_ = &names_.name;
    if (key == "namespace") name_ = &names_.ns;
    if (key == "uid") name_ = &names_.uid;
    if (key == "resourceVersion") name_ = &names_.resource_version;
  }

  // Whether the value that comes now is kept; counts it as an item if it stands in a list.
  const Projection* TakeValue() {
    if (skipped_ > 0) return nullptr;
    if (levels_.empty()) return spec_.root;
    Level& level = levels_.back();
    if (level.container == Container::kObject) return std::exchange(next_, nullptr);
    ++level.members;
    return level.projection;
  }

  template <typename Forward>
  bool Scalar(Forward forward) {
    name_ = nullptr;
    metadata_next_ = false;
    return TakeValue() == nullptr || forward();
  }

  bool Start(Container container) {
    name_ = nullptr;
    const bool is_metadata =
        std::exchange(metadata_next_, false) && container == Container::kObject;
    const Projection* projection = TakeValue();
    if (projection == nullptr) {
      ++skipped_;
      return true;
    }
    levels_.push_back({projection, container, 0, is_metadata});
    return container == Container::kObject ? out_.StartObject() : out_.StartArray();
  }

  bool End() {
    if (skipped_ > 0) {
      --skipped_;
      return true;
    }
    const Level level = levels_.back();
    levels_.pop_back();
    return level.container == Container::kObject ? out_.EndObject(level.members)
                                                 : out_.EndArray(level.members);
  }

  ProjectionSpec spec_;
  rapidjson::Document& out_;
  ObjectNames& names_;
  std::vector<Level> levels_;
  const Projection* next_ = nullptr;  // of the member whose key was read
  size_t skipped_ = 0;                // open containers that are not kept
  std::string* name_ = nullptr;       // where the next string goes as well
  bool metadata_next_ = false;
};

}  // namespace

ProjectedObject Project(std::string_view text, ProjectionSpec spec) {
  ProjectedObject object;
  rapidjson::Reader reader;
  rapidjson::MemoryStream stream(text.data(), text.size());
  auto read = [&](rapidjson::Document& document) {
    Filter filter(spec, document, object.names);
    // Iterative: what nests deeply must not exhaust the stack.
    return !reader.Parse<rapidjson::kParseIterativeFlag>(stream, filter).IsError();
  };
  object.json.Populate(read);
  if (reader.HasParseError()) {
    object.error = std::string("is not JSON at byte ") + std::to_string(reader.GetErrorOffset()) +
                   ": " + rapidjson::GetParseError_En(reader.GetParseErrorCode());
  }
  return object;
}

}  // namespace sluice::kube
