#include "agent/explain/selector_words.h"

namespace sluice::explain {

std::string ToWords(const store::LabelSelector& selector) {
  return selector.requirements().empty() ? "{}" : selector.ToString();
}

std::string FirstMiss(const store::LabelSelector& selector, const store::Labels& labels) {
  for (const store::Requirement& requirement : selector.requirements()) {
    if (store::LabelSelector{{requirement}}.Matches(labels)) continue;
    const auto label = labels.find(requirement.key);
    if (label == labels.end()) return "has no label " + requirement.key;
    return "has " + requirement.key + "=" + label->second;
  }
  return "";
}

}  // namespace sluice::explain
