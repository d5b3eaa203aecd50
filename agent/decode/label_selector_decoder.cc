#include "agent/decode/label_selector_decoder.h"

#include <array>

#include "agent/decode/names.h"
#include "ofctl/base/result.h"

namespace sluice::decode {
namespace {

using store::LabelSelector;
using store::Requirement;
using store::SelectorOperator;

FieldResult<SelectorOperator> DecodeOperator(const rapidjson::Value& json, const FieldPath& path) {
  constexpr std::array<std::pair<std::string_view, SelectorOperator>, 4> kOperators = {{
      {"In", SelectorOperator::kIn},
      {"NotIn", SelectorOperator::kNotIn},
      {"Exists", SelectorOperator::kExists},
      {"DoesNotExist", SelectorOperator::kDoesNotExist},
  }};
  SLUICE_ASSIGN_OR_RETURN(const auto text, StringField(json, path, "operator"));
  if (!text) return ErrorAt(path.Child("operator"), "is missing");
  for (const auto& [name, op] : kOperators) {
    if (*text == name) return op;
  }
  return ErrorAt(path.Child("operator"),
                 Quoted(*text) + " is not one of In, NotIn, Exists, DoesNotExist");
}

FieldResult<std::vector<std::string>> DecodeValues(const rapidjson::Value& json,
                                                   const FieldPath& path, SelectorOperator op,
                                                   Validation validation) {
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(json, path, "values"));
  const FieldPath values_path = path.Child("values");
  const bool wanted = op == SelectorOperator::kIn || op == SelectorOperator::kNotIn;
  const bool empty = list == nullptr || list->Empty();
  if (wanted && empty) return ErrorAt(values_path, "In and NotIn need at least one value");
  if (!wanted && !empty) return ErrorAt(values_path, "Exists and DoesNotExist take no values");
  std::vector<std::string> values;
  if (empty) return values;
  for (rapidjson::SizeType i = 0; i < list->Size(); ++i) {
    const FieldPath item = values_path.Index(i);
    if (!(*list)[i].IsString()) return WrongType(item, "a string", (*list)[i]);
    const std::string_view value = TextOf((*list)[i]);
    const auto wrong = WrongWithLabelValue(value);
    if (wrong && validation == Validation::kCreate) return ErrorAt(item, *wrong);
    if (!wrong) values.emplace_back(value);
  }
  return values;
}

FieldResult<Requirement> DecodeExpression(const rapidjson::Value& json, const FieldPath& path,
                                          Validation validation) {
  if (!json.IsObject()) return WrongType(path, "an object", json);
  SLUICE_ASSIGN_OR_RETURN(const auto key, StringField(json, path, "key"));
  if (!key) return ErrorAt(path.Child("key"), "is missing");
  if (auto wrong = WrongWithLabelKey(*key)) return ErrorAt(path.Child("key"), *wrong);
  Requirement requirement{std::string(*key), {}, {}};
  if (validation == Validation::kCreate) {
    if (auto unknown = UnknownField(json, path, {"key", "operator", "values"})) return *unknown;
  }
  SLUICE_ASSIGN_OR_RETURN(requirement.op, DecodeOperator(json, path));
  SLUICE_ASSIGN_OR_RETURN(requirement.values, DecodeValues(json, path, requirement.op, validation));
  return requirement;
}

FieldResult<Requirement> DecodeMatchLabel(std::string_view key, const rapidjson::Value& value,
                                          const FieldPath& path, Validation validation) {
  if (auto wrong = WrongWithLabelKey(key)) return ErrorAt(path, *wrong);
  // The apiserver reads a null as "".
  if (!value.IsNull() && !value.IsString()) return WrongType(path, "a string", value);
  const std::string_view text = value.IsNull() ? "" : TextOf(value);
  const auto wrong = WrongWithLabelValue(text);
  if (wrong && validation == Validation::kCreate) return ErrorAt(path, *wrong);
  Requirement requirement{std::string(key), SelectorOperator::kIn, {}};
  if (!wrong) requirement.values.emplace_back(text);
  return requirement;
}

// Hands each requirement, or what is wrong with it, to `take`, which returns an error to stop.
using Take = std::optional<FieldError> (*)(FieldResult<Requirement>, std::vector<Requirement>&);

FieldResult<LabelSelector> DecodeRequirements(const rapidjson::Value& json, const FieldPath& path,
                                              Validation validation, Take take) {
  if (validation == Validation::kCreate) {
    if (auto unknown = UnknownField(json, path, {"matchLabels", "matchExpressions"})) {
      return *unknown;
    }
  }
  std::vector<Requirement> requirements;
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* labels, ObjectField(json, path, "matchLabels"));
  const FieldPath labels_path = path.Child("matchLabels");
  if (labels != nullptr) {
    for (const auto& [name, value] : labels->GetObject()) {
      const std::string_view key = TextOf(name);
      auto error =
          take(DecodeMatchLabel(key, value, labels_path.Key(key), validation), requirements);
      if (error) return *error;
    }
  }
  SLUICE_ASSIGN_OR_RETURN(const rapidjson::Value* list, ListField(json, path, "matchExpressions"));
  const FieldPath list_path = path.Child("matchExpressions");
  for (rapidjson::SizeType i = 0; list != nullptr && i < list->Size(); ++i) {
    auto error = take(DecodeExpression((*list)[i], list_path.Index(i), validation), requirements);
    if (error) return *error;
  }
  return LabelSelector(std::move(requirements));
}

std::optional<FieldError> TakeOrStop(FieldResult<Requirement> requirement,
                                     std::vector<Requirement>& requirements) {
  if (!requirement.ok()) return requirement.error();
  requirements.push_back(std::move(requirement).value());
  return std::nullopt;
}

std::optional<FieldError> TakeOrSkip(FieldResult<Requirement> requirement,
                                     std::vector<Requirement>& requirements) {
  if (requirement.ok()) requirements.push_back(std::move(requirement).value());
  return std::nullopt;
}

}  // namespace

FieldResult<LabelSelector> DecodeLabelSelector(const rapidjson::Value& json, const FieldPath& path,
                                               Validation validation) {
  return DecodeRequirements(json, path, validation, TakeOrStop);
}

LabelSelector DecodeStoredSubjects(const rapidjson::Value& json) {
  auto selector = DecodeRequirements(json, FieldPath(), Validation::kStored, TakeOrSkip);
  return selector.ok() ? std::move(selector).value() : LabelSelector();
}

}  // namespace sluice::decode
