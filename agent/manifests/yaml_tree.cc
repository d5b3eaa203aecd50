#include "agent/manifests/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace sluice::manifests {
namespace {

constexpr size_t kDeepest = 100;

// yaml-cpp's callbacks can only stop it by throwing; caught in ParseYaml.
class TreeError : public std::runtime_error {
 public:
  TreeError(int line, const std::string& reason) : std::runtime_error(reason), line_(line) {}
  int line() const { return line_; }

 private:
  int line_;
};

int LineOf(const YAML::Mark& mark) { return mark.is_null() ? 0 : mark.line + 1; }

class TreeBuilder : public YAML::EventHandler {
 public:
  // The document that has just ended; null if there was none.
  YamlNodePtr Take() { return std::exchange(root_, nullptr); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    // After a stray '}' yaml-cpp starts empty documents in the same place for ever.
    if (mark.pos == started_at_) throw TreeError(LineOf(mark), "text that belongs to no document");
    started_at_ = mark.pos;
    root_ = nullptr;
    open_.clear();
    anchors_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // Where yaml-cpp finds no ':' it makes up a null in the place of the key. "from" for "from:"
    // must not be taken for an empty list.
    if (AwaitsValue() && mark.pos == scalar_at_) {
      throw TreeError(LineOf(mark),
                      "a ':' is missing after \"" + open_.back()->items.back()->text + "\"");
    }
    Add(NewNode(YamlNode::Kind::kNull, mark, "?"), anchor);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto target = anchors_.find(anchor);
    const bool complete = target != anchors_.end() &&
                          std::none_of(open_.begin(), open_.end(),
                                       [&](const auto& node) { return node == target->second; });
    if (!complete) throw TreeError(LineOf(mark), "the alias stands inside its own anchor");
    Place(target->second);
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    auto node = NewNode(YamlNode::Kind::kScalar, mark, tag);
    node->text = value;
    scalar_at_ = mark.pos;
    Add(std::move(node), anchor);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    Open(NewNode(YamlNode::Kind::kSequence, mark, tag), anchor);
  }
  void OnSequenceEnd() override { Close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    Open(NewNode(YamlNode::Kind::kMap, mark, tag), anchor);
  }
  void OnMapEnd() override { Close(); }

 private:
  using Mutable = std::shared_ptr<YamlNode>;

  static Mutable NewNode(YamlNode::Kind kind, const YAML::Mark& mark, const std::string& tag) {
    auto node = std::make_shared<YamlNode>();
    node->kind = kind;
    node->line = LineOf(mark);
    node->tag = tag;
    return node;
  }
  bool AwaitsValue() const {
    return !open_.empty() && open_.back()->kind == YamlNode::Kind::kMap &&
           open_.back()->items.size() % 2 == 1;
  }
  void Place(Mutable node) {
    // Counted through aliases too: what walks the tree recurses.
    if (open_.size() + node->height > kDeepest) {
      throw TreeError(node->line, "nested deeper than " + std::to_string(kDeepest) + " levels");
    }
    if (open_.empty()) {
      root_ = std::move(node);
    } else {
      open_.back()->items.push_back(std::move(node));
    }
  }
  void Add(Mutable node, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) anchors_[anchor] = node;
    Place(std::move(node));
  }
  void Open(Mutable node, YAML::anchor_t anchor) {
    Add(node, anchor);
    open_.push_back(std::move(node));
  }
  void Close() {
    YamlNode& closed = *open_.back();
    for (const YamlNodePtr& item : closed.items) {
      closed.height = std::max(closed.height, item->height + 1);
    }
    open_.pop_back();
  }

  int started_at_ = -1;
  int scalar_at_ = -1;
  YamlNodePtr root_;
  std::vector<Mutable> open_;
  std::unordered_map<YAML::anchor_t, Mutable> anchors_;
};

// yaml-cpp takes byte 4 for the end of the stream and passes the others on; YAML allows none.
std::optional<YamlSyntaxError> FindControlCharacter(std::string_view text) {
  int line = 1;
  for (const char c : text) {
    if (c == '\n') ++line;
    const auto byte = static_cast<unsigned char>(c);
    const bool control = (byte < 0x20 && c != '\n' && c != '\r' && c != '\t') || byte == 0x7f;
    if (control) {
      return YamlSyntaxError{line, "a control character (byte " + std::to_string(byte) +
                                       "); is this a UTF-8 text file?"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<std::vector<YamlNodePtr>, YamlSyntaxError> ParseYaml(std::string_view text) {
  if (auto error = FindControlCharacter(text)) return *error;
  // yaml-cpp takes the end of the file for the end of a quoted text, but not the end of a document.
  const bool open_line = !text.empty() && text.back() != '\n';
  std::istringstream stream{std::string(text) + (open_line ? "\n...\n" : "...\n")};
  std::vector<YamlNodePtr> documents;
  try {
    YAML::Parser parser(stream);
    TreeBuilder builder;
    while (parser.HandleNextDocument(builder)) {
      if (auto root = builder.Take()) documents.push_back(std::move(root));
    }
  } catch (const TreeError& error) {
    return YamlSyntaxError{error.line(), error.what()};
  } catch (const YAML::Exception& error) {
    const bool unfinished = error.msg == YAML::ErrorMsg::DOC_IN_SCALAR;
    return YamlSyntaxError{LineOf(error.mark), unfinished ? "a quoted text has no end" : error.msg};
  } catch (const std::exception& error) {
    return YamlSyntaxError{0, error.what()};
  }
  return documents;
}

}  // namespace sluice::manifests
