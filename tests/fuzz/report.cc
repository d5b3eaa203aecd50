#include "tests/fuzz/report.h"

#include <boost/json.hpp>
#include <map>

namespace sluice::fuzz {
namespace {

namespace json = boost::json;

bool IsBlock(const json::value& value) {
  return (value.is_object() && !value.as_object().empty()) ||
         (value.is_array() && !value.as_array().empty());
}

// `first` stands before the first line instead of an indentation: behind a "- ".
void Write(const json::value& value, size_t indent, std::string& text) {
  const std::string margin(indent, ' ');
  if (const json::object* object = value.if_object()) {
    bool first = true;
    for (const auto& [name, member] : *object) {
      text += (first ? "" : margin) + std::string(name) + ":";
      first = false;
      if (!IsBlock(member)) {
        text += " " + json::serialize(member) + "\n";
      } else {
        text += "\n" + std::string(indent + 2, ' ');
        Write(member, indent + 2, text);
      }
    }
    return;
  }
  bool first = true;
  for (const json::value& item : value.as_array()) {
    text += (first ? "" : margin) + std::string("- ");
    first = false;
    if (IsBlock(item)) {
      Write(item, indent + 2, text);
    } else {
      text += json::serialize(item) + "\n";
    }
  }
}

std::string Commented(const std::string& text) {
  std::string commented = "# ";
  for (const char c : text) {
    commented += c;
    if (c == '\n') commented += "# ";
  }
  if (commented.ends_with("# ")) commented.resize(commented.size() - 2);
  return commented;
}

// The last Put of each object that is still there.
std::map<const Event*, bool> Final(const std::vector<Event>& events) {
  std::map<ManifestId, const Event*> last;
  for (const Event& event : events) {
    if (const auto* put = std::get_if<Put>(&event)) last[IdOf(put->manifest)] = &event;
    if (const auto* gone = std::get_if<Delete>(&event)) last.erase({gone->kind, gone->key});
  }
  std::map<const Event*, bool> final;
  for (const auto& [id, event] : last) final[event] = true;
  return final;
}

}  // namespace

std::string ToYaml(const json::object& manifest) {
  std::string text;
  Write(manifest, 0, text);
  return text;
}

std::string ToYaml(const Failure& failure) {
  std::string text = "# sluice-fuzz, seed " + std::to_string(failure.seed) + ": " +
                     failure.disagreement.level + " disagrees\n";
  if (failure.disagreement.connection) {
    text += "# " + ToString(*failure.disagreement.connection) + "\n";
  }
  for (const std::string& line : failure.disagreement.said) text += Commented(line) + "\n";
  if (failure.history.validation == decode::Validation::kStored) {
    text += "# As stored in an old cluster: today's apiserver, and the playground, refuse it.\n";
  }
  text += "# Event by event:\n";
  const auto final = Final(failure.history.events);
  for (const Event& event : failure.history.events) {
    const auto* put = std::get_if<Put>(&event);
    if (put == nullptr) {
      text += "# " + ToString(event) + "\n";
    } else if (final.contains(&event)) {
      text += "---\n" + ToYaml(put->manifest);
    } else {
      text += "# for a while:\n" + Commented(ToYaml(put->manifest));
    }
  }
  return text;
}

}  // namespace sluice::fuzz
