#include "agent/kube/list_decoder.h"

#include <rapidjson/document.h>

#include "agent/decode/field_reader.h"

namespace sluice::kube {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

std::string TextField(const rapidjson::Value& object, std::string_view name) {
  const rapidjson::Value* field = decode::FindField(object, name);
  return field != nullptr && field->IsString() ? std::string(decode::TextOf(*field)) : "";
}

Error NoList(std::string_view why) {
  return Invalid("the answer is not a list: " + std::string(why));
}

}  // namespace

Result<std::vector<ApiObject>> ListDecoder::Feed(std::string_view chunk) {
  std::vector<ApiObject> objects;
  while (!chunk.empty()) SLUICE_RETURN_IF_ERROR(Step(chunk, objects));
  return objects;
}

Status ListDecoder::Step(std::string_view& bytes, std::vector<ApiObject>& objects) {
  if (cutting_) return StepCut(bytes, objects);
  const char c = bytes.front();
  if (IsBlank(c)) {
    bytes.remove_prefix(1);
    return Ok();
  }
  const bool key = (place_ == Place::kFirstKey && c == '"') || place_ == Place::kKey;
  const bool items = place_ == Place::kValue && key_ == "items" && c == '[';
  const bool value = place_ == Place::kValue && !items;
  const bool item = (place_ == Place::kFirstItem && c != ']') || place_ == Place::kItem;
  if (key || value || item) {
    if (place_ == Place::kKey && c != '"') return NoList("a field without a name");
    cutting_ = true;
    return StepCut(bytes, objects);
  }
  bytes.remove_prefix(1);
  if (items) {
    place_ = Place::kFirstItem;
    return Ok();
  }
  return Punctuation(c);
}

Status ListDecoder::StepCut(std::string_view& bytes, std::vector<ApiObject>& objects) {
  const ValueCutter::Result result = cutter_.Feed(bytes);
  if (result == ValueCutter::Result::kMore) return Ok();
  if (result == ValueCutter::Result::kNoValue) return NoList("a value was expected");
  cutting_ = false;
  const Length length = cutter_.too_long() ? Length::kCutOff : Length::kWhole;
  if (place_ == Place::kFirstItem || place_ == Place::kItem) {
    place_ = Place::kAfterItem;
    objects.push_back(DecodeItem(resource_, {cutter_.text(), length}));
    return Ok();
  }
  if (length == Length::kCutOff) return NoList("the field " + key_ + " is too long");
  if (place_ == Place::kValue) {
    place_ = Place::kAfterValue;
    return TakeValue(cutter_.text());
  }
  place_ = Place::kColon;
  key_ = cutter_.text().substr(1, cutter_.text().size() - 2);
  return Ok();
}

Status ListDecoder::Punctuation(char c) {
  switch (place_) {
    case Place::kStart:
      if (c != '{') return NoList("an object was expected");
      place_ = Place::kFirstKey;
      return Ok();
    case Place::kColon:
      if (c != ':') return NoList("':' was expected");
      place_ = Place::kValue;
      return Ok();
    case Place::kFirstKey:
    case Place::kAfterValue:
      if (c == '}') {
        place_ = Place::kEnd;
        return Ok();
      }
      if (c != ',' || place_ == Place::kFirstKey) return NoList("',' or '}' was expected");
      place_ = Place::kKey;
      return Ok();
    case Place::kFirstItem:
    case Place::kAfterItem:
      if (c == ']') {
        place_ = Place::kAfterValue;
        return Ok();
      }
      if (c != ',') return NoList("',' or ']' was expected");
      place_ = Place::kItem;
      return Ok();
    case Place::kEnd:
      return NoList("something follows it");
    case Place::kKey:
    case Place::kValue:
    case Place::kItem:
      break;
  }
  return NoList("a value was expected");
}

// A field of the list itself.
Status ListDecoder::TakeValue(std::string_view text) {
  if (key_ == "items" && text != "null") return NoList("items is no list");
  if (key_ == "kind" && text == "\"Status\"") return NoList("it is a Status");
  if (key_ != "metadata") return Ok();
  rapidjson::Document json;
  json.Parse<rapidjson::kParseIterativeFlag>(text.data(), text.size());
  if (json.HasParseError() || !json.IsObject()) return NoList("metadata is no object");
  meta_.resource_version = TextField(json, "resourceVersion");
  meta_.continue_token = TextField(json, "continue");
  return Ok();
}

Result<ListMeta> ListDecoder::Finish() const {
  if (place_ != Place::kEnd) return NoList("it ended too early");
  if (meta_.resource_version.empty()) return NoList("metadata.resourceVersion is missing");
  return meta_;
}

}  // namespace sluice::kube
