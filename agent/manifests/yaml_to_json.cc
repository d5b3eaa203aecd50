#include "agent/manifests/yaml_to_json.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_map>

#include "agent/manifests/yaml_scalar.h"

namespace sluice::manifests {
namespace {

// How much larger aliases may make a document (a "billion laughs" is nine lines of them).
constexpr size_t kMostAliasedNodes = 100'000;

struct Entry {
  int line;
  const YamlNode* value;
};
using Entries = std::map<std::string, Entry, std::less<>>;

bool IsMergeKey(const YamlNode& key) {
  return key.kind == YamlNode::Kind::kScalar && key.tag == "?" && key.text == "<<";
}

Result<std::string> KeyText(const YamlNode& key) {
  if (key.kind == YamlNode::Kind::kNull) return Invalid("a key is empty");
  if (key.kind != YamlNode::Kind::kScalar) return Invalid("a key is not a string");
  SLUICE_ASSIGN_OR_RETURN(const YamlScalar scalar, ResolveScalar(key.tag, key.text));
  if (const auto* text = std::get_if<std::string>(&scalar)) return *text;
  if (const auto* value = std::get_if<bool>(&scalar)) {
    return std::string(*value ? "true" : "false");
  }
  if (const auto* number = std::get_if<int64_t>(&scalar)) return std::to_string(*number);
  if (const auto* number = std::get_if<uint64_t>(&scalar)) return std::to_string(*number);
  return Invalid("the key " + key.text + " is not a string; quote it");
}

class Converter {
 public:
  explicit Converter(rapidjson::Document& document) : allocator_(document.GetAllocator()) {}

  rapidjson::Value Convert(const YamlNode& node);
  // Own entries, then those merged in that are not given here.
  Entries EntriesOf(const YamlNode& map);
  std::optional<YamlProblem> TakeProblem() { return std::move(problem_); }

 private:
  void Report(int line, std::string text) {
    if (!problem_) problem_ = YamlProblem{line, std::move(text)};
  }
  bool WithinBudget(const YamlNode& node);
  rapidjson::Value ConvertScalar(const YamlNode& node);
  rapidjson::Value Text(const std::string& text) {
    return {text.data(), static_cast<rapidjson::SizeType>(text.size()), allocator_};
  }
  void Merge(const YamlNode& source, Entries& entries);
  void MergeMap(const YamlNode& source, Entries& entries);

  rapidjson::Document::AllocatorType& allocator_;
  std::optional<YamlProblem> problem_;
  std::unordered_map<const YamlNode*, size_t> visits_;
  size_t aliased_ = 0;
};

// Every visit of a node after its first is the work of an alias.
bool Converter::WithinBudget(const YamlNode& node) {
  if (visits_[&node]++ > 0) ++aliased_;
  if (aliased_ <= kMostAliasedNodes) return true;
  Report(node.line, "aliases repeat more than " + std::to_string(kMostAliasedNodes) + " values");
  return false;
}

rapidjson::Value Converter::ConvertScalar(const YamlNode& node) {
  const auto resolved = ResolveScalar(node.tag, node.text);
  if (!resolved.ok()) {
    Report(node.line, resolved.error().message());
    return {};
  }
  const YamlScalar& scalar = *resolved;
  if (const auto* text = std::get_if<std::string>(&scalar)) return Text(*text);
  if (const auto* value = std::get_if<bool>(&scalar)) return rapidjson::Value(*value);
  if (const auto* number = std::get_if<int64_t>(&scalar)) return rapidjson::Value(*number);
  if (const auto* number = std::get_if<uint64_t>(&scalar)) return rapidjson::Value(*number);
  if (const auto* number = std::get_if<double>(&scalar)) return rapidjson::Value(*number);
  return {};
}

void Converter::Merge(const YamlNode& source, Entries& entries) {
  if (source.kind == YamlNode::Kind::kSequence) {
    for (const YamlNodePtr& item : source.items) MergeMap(*item, entries);
  } else {
    MergeMap(source, entries);
  }
}

void Converter::MergeMap(const YamlNode& source, Entries& entries) {
  if (source.kind != YamlNode::Kind::kMap) {
    Report(source.line, "<< merges only maps");
    return;
  }
  aliased_ += source.items.size() / 2;
  if (!WithinBudget(source)) return;
  Entries merged = EntriesOf(source);
  entries.merge(merged);
}

Entries Converter::EntriesOf(const YamlNode& map) {
  Entries entries;
  for (size_t i = 0; i + 1 < map.items.size(); i += 2) {
    const YamlNode& key = *map.items[i];
    if (IsMergeKey(key)) continue;
    const auto text = KeyText(key);
    if (!text.ok()) {
      Report(key.line, text.error().message());
    } else if (!entries.emplace(*text, Entry{key.line, map.items[i + 1].get()}).second) {
      Report(key.line, "the key \"" + *text + "\" is given twice");
    }
  }
  for (size_t i = 0; i + 1 < map.items.size(); i += 2) {
    if (IsMergeKey(*map.items[i])) Merge(*map.items[i + 1], entries);
  }
  return entries;
}

rapidjson::Value Converter::Convert(const YamlNode& node) {
  if (!WithinBudget(node)) return {};
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return {};
    case YamlNode::Kind::kScalar:
      return ConvertScalar(node);
    case YamlNode::Kind::kSequence: {
      rapidjson::Value list(rapidjson::kArrayType);
      for (const YamlNodePtr& item : node.items) list.PushBack(Convert(*item), allocator_);
      return list;
    }
    case YamlNode::Kind::kMap: {
      rapidjson::Value object(rapidjson::kObjectType);
      for (const auto& [key, entry] : EntriesOf(node)) {
        object.AddMember(Text(key), Convert(*entry.value), allocator_);
      }
      return object;
    }
  }
  return {};
}

// Takes the first step off `field`: "spec" of "spec.ingress[0]", "0" of "[0].from".
std::string_view TakeStep(std::string_view& field) {
  if (field.front() == '.') field.remove_prefix(1);
  std::string_view step;
  if (!field.empty() && field.front() == '[') {
    const size_t end = std::min(field.find(']'), field.size());
    step = field.substr(1, end - 1);
    field.remove_prefix(std::min(end + 1, field.size()));
  } else {
    step = field.substr(0, field.find_first_of(".["));
    field.remove_prefix(step.size());
  }
  return step;
}

}  // namespace

JsonDocument ToJson(const YamlNode& root) {
  JsonDocument result;
  Converter converter(result.json);
  rapidjson::Value value = converter.Convert(root);
  static_cast<rapidjson::Value&>(result.json).Swap(value);
  result.problem = converter.TakeProblem();
  return result;
}

int LineOfField(const YamlNode& root, std::string_view field) {
  rapidjson::Document scratch;
  Converter converter(scratch);
  const YamlNode* node = &root;
  int line = root.line;
  while (!field.empty()) {
    const std::string_view step = TakeStep(field);
    if (node->kind == YamlNode::Kind::kMap) {
      const Entries entries = converter.EntriesOf(*node);
      const auto entry = entries.find(step);
      if (entry == entries.end()) return line;
      line = entry->second.line;
      node = entry->second.value;
    } else if (node->kind == YamlNode::Kind::kSequence) {
      size_t index = 0;
      const auto [end, failed] = std::from_chars(step.data(), step.data() + step.size(), index);
      if (failed != std::errc() || index >= node->items.size()) return line;
      node = node->items[index].get();
      line = node->line;
    } else {
      return line;
    }
  }
  return line;
}

}  // namespace sluice::manifests
