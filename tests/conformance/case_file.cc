#include "tests/conformance/case_file.h"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "tests/conformance/connectivity_file.h"
#include "tests/conformance/truth_table_file.h"

namespace sluice::conformance {
namespace {

// Nesting as deep as the file likes must not use up the stack.
constexpr unsigned kParseFlags =
    rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;

bool Has(const Value& object, std::string_view name) {
  return decode::FindField(object, name) != nullptr;
}

}  // namespace

Result<std::vector<Case>> ParseCaseFile(std::string_view text) {
  rapidjson::Document document;
  document.Parse<kParseFlags>(text.data(), text.size());
  if (document.HasParseError()) {
    return Invalid(
        "no JSON: " + std::string(rapidjson::GetParseError_En(document.GetParseError())) +
        ", at byte " + std::to_string(document.GetErrorOffset()));
  }
  if (!document.IsObject()) return Invalid("not a file of conformance cases: no JSON object");
  if (Has(document, "tests")) {
    return Unsupported(
        "a file of ClusterNetworkPolicy tests; sluice-conformance judges "
        "networking.k8s.io/v1 NetworkPolicy only");
  }
  const Value* cases = decode::FindField(document, "cases");
  if (cases == nullptr || !cases->IsArray() || cases->Empty() || !(*cases)[0].IsObject()) {
    return Invalid("not a file of conformance cases: no list named cases with an object in it");
  }
  const Value& first = (*cases)[0];
  if (!Has(first, "steps") && !Has(first, "allowed")) {
    return Invalid("not a file of conformance cases: cases[0] has neither steps nor allowed");
  }
  auto parsed = Has(first, "steps") ? ParseTruthTables(document) : ParseConnectivity(document);
  if (parsed.ok()) return std::move(parsed).value();
  return Invalid(parsed.error().field + ": " + parsed.error().message);
}

}  // namespace sluice::conformance
