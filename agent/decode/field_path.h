// FieldPath: where in an object a value stands, written as Kubernetes writes it:
// "spec.ingress[0].from[1].ipBlock.cidr".
#pragma once

#include <string>
#include <string_view>

namespace sluice::decode {

// A link to its parent, so that decoding a good object builds no strings. A path must not outlive
// its parent; the deleted overloads keep temporaries from becoming parents.
class FieldPath {
 public:
  FieldPath() = default;

  FieldPath Child(std::string_view name) const& { return {this, Step::kChild, name, 0}; }
  FieldPath Child(std::string_view name) const&& = delete;
  FieldPath Index(size_t index) const& { return {this, Step::kIndex, {}, index}; }
  FieldPath Index(size_t index) const&& = delete;
  // An entry of a map with free keys: metadata.labels[app].
  FieldPath Key(std::string_view key) const& { return {this, Step::kKey, key, 0}; }
  FieldPath Key(std::string_view key) const&& = delete;

  std::string ToString() const {
    switch (step_) {
      case Step::kRoot:
        return "";
      case Step::kChild: {
        const std::string above = parent_->ToString();
        return above + (above.empty() ? "" : ".") + std::string(name_);
      }
      case Step::kIndex:
        return parent_->ToString() + "[" + std::to_string(index_) + "]";
      case Step::kKey:
        return parent_->ToString() + "[" + std::string(name_) + "]";
    }
    return "";
  }

 private:
  enum class Step { kRoot, kChild, kIndex, kKey };
  FieldPath(const FieldPath* parent, Step step, std::string_view name, size_t index)
      : parent_(parent), step_(step), name_(name), index_(index) {}

  const FieldPath* parent_ = nullptr;
  Step step_ = Step::kRoot;
  std::string_view name_;
  size_t index_ = 0;
};

}  // namespace sluice::decode
