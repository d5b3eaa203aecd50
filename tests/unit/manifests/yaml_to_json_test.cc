#include "agent/manifests/yaml_to_json.h"

#include <gtest/gtest.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sluice::manifests {
namespace {

// The JSON of each document, or "line: what is wrong".
std::vector<std::string> Convert(const std::string& text) {
  const auto parsed = ParseYaml(text);
  if (const auto* error = std::get_if<YamlSyntaxError>(&parsed)) {
    return {std::to_string(error->line) + ": " + error->reason};
  }
  std::vector<std::string> documents;
  for (const YamlNodePtr& root : std::get<0>(parsed)) {
    const JsonDocument document = ToJson(*root);
    if (document.problem) {
      documents.push_back(std::to_string(document.problem->line) + ": " + document.problem->text);
      continue;
    }
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
    document.json.Accept(writer);
    documents.emplace_back(buffer.GetString());
  }
  return documents;
}
using Documents = std::vector<std::string>;

TEST(YamlToJsonTest, TypesSurvive) {
  EXPECT_EQ(Convert("a: [1, '1', \"on\", on, ~, 1.5]\nb: {c: text, d: |\n  12\n  }\n").size(), 1U);
  EXPECT_EQ(Convert("a: [1, '1', \"on\", on, ~, 1.5]\n"),
            Documents{R"({"a":[1,"1","on",true,null,1.5]})"});
  EXPECT_EQ(Convert("a: |\n  12\nb: >-\n  12\nc: 12\n"),
            Documents{R"({"a":"12\n","b":"12","c":12})"});
  EXPECT_EQ(Convert("a:\nb: {}\nc: []\n"), Documents{R"({"a":null,"b":{},"c":[]})"});
}

TEST(YamlToJsonTest, JsonIsYaml) {
  const std::string json =
      "{\n\t\"a\": [1, true, null, \"x\\u00e9\\n\\/\"],\n\t\"b\": {\"c\":1}\n}\n";
  EXPECT_EQ(Convert(json), Documents{"{\"a\":[1,true,null,\"x\xc3\xa9\\n/\"],\"b\":{\"c\":1}}"});
}

TEST(YamlToJsonTest, DocumentsAreSeparate) {
  EXPECT_EQ(Convert("---\na: 1\n---\n# nothing\n---\nb: 2\n...\n"),
            (Documents{R"({"a":1})", "null", R"({"b":2})"}));
  EXPECT_EQ(Convert("a: &x 1\n---\nb: *x\n").size(), 1U);
  EXPECT_EQ(Convert(""), Documents{"null"});
  EXPECT_EQ(Convert("\xef\xbb\xbf"
                    "a: 1\r\nb: 2\r\n"),
            Documents{R"({"a":1,"b":2})"});
}

TEST(YamlToJsonTest, KeysBecomeStringsAsInKubectl) {
  EXPECT_EQ(Convert("80: a\non: b\n'off': c\n"), Documents{R"({"80":"a","off":"c","true":"b"})"});
  EXPECT_EQ(Convert("x: 1\n? [a]\n: 2\n"), Documents{"2: a key is not a string"});
  EXPECT_EQ(Convert("x: 1\n~: 2\n"), Documents{"2: a key is empty"});
  EXPECT_EQ(Convert("x: 1\n1.5: 2\n"), Documents{"2: the key 1.5 is not a string; quote it"});
}

TEST(YamlToJsonTest, AKeyIsGivenOnce) {
  EXPECT_EQ(Convert("a: 1\nb: 2\na: 3\n"), Documents{"3: the key \"a\" is given twice"});
  EXPECT_EQ(Convert("a: 1\n---\na: 3\n").size(), 2U);
}

TEST(YamlToJsonTest, AliasesAndMergeKeysWork) {
  EXPECT_EQ(Convert("a: &x {k: 1}\nb: *x\n"), Documents{R"({"a":{"k":1},"b":{"k":1}})"});
  EXPECT_EQ(Convert("a: &x {k: 1, l: 2}\nb: {<<: *x, k: 3}\n"),
            Documents{R"({"a":{"k":1,"l":2},"b":{"k":3,"l":2}})"});
  EXPECT_EQ(Convert("a: &x {k: 1}\nb: &y {k: 2, m: 2}\nc: {<<: [*x, *y]}\n"),
            Documents{R"({"a":{"k":1},"b":{"k":2,"m":2},"c":{"k":1,"m":2}})"});
  EXPECT_EQ(Convert("a: 1\nb: {<<: 7}\n"), Documents{"2: << merges only maps"});
}

TEST(YamlToJsonTest, AliasBombsAreDefused) {
  std::string laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x]\n";
  std::string chain = "a0: &a0 [x]\n";
  std::string merges = "a0: &a0 {x: 1}\n";
  for (int i = 1; i < 200; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    const std::string name = "a" + std::to_string(i) + ": &a" + std::to_string(i);
    if (i < 12) laughs += name + " [" + before + "," + before + "," + before + "," + before + "]\n";
    chain += name + " [" + before + "]\n";
    merges += name + " {<<: [" + before + "," + before + "]}\n";
  }
  EXPECT_EQ(Convert(laughs)[0].substr(2), " aliases repeat more than 100000 values");
  EXPECT_EQ(Convert(chain), Documents{"98: nested deeper than 100 levels"});
  EXPECT_EQ(Convert(merges).size(), 1U);
  EXPECT_EQ(Convert("a: &a [*a]\n"), Documents{"1: the alias stands inside its own anchor"});
}

TEST(YamlToJsonTest, DepthIsBounded) {
  EXPECT_EQ(Convert(std::string(90, '[') + std::string(90, ']')).size(), 1U);
  EXPECT_EQ(Convert(std::string(200, '[') + std::string(200, ']')),
            Documents{"1: nested deeper than 100 levels"});
  EXPECT_EQ(Convert(std::string(100000, '[')).size(), 1U);
}

TEST(YamlToJsonTest, SyntaxErrorsHaveALineAndAReason) {
  EXPECT_EQ(Convert("a: 1\nb: [1, 2\nc: 3\n").size(), 1U);
  EXPECT_EQ(Convert("a: 1\n b: 2\n")[0].substr(0, 3), "2: ");
  EXPECT_EQ(Convert("a: *nobody\n")[0].substr(0, 3), "1: ");
  EXPECT_EQ(Convert("a: 1\nb: \"x\n"), Documents{"3: a quoted text has no end"});
  EXPECT_EQ(Convert("a: 1\nb: 'x\n"), Documents{"3: a quoted text has no end"});
}

TEST(YamlToJsonTest, AKeyWithoutItsColonIsNoEmptyValue) {
  EXPECT_EQ(Convert("x:\n- ports: []\n  from\n"), Documents{"3: a ':' is missing after \"from\""});
  EXPECT_EQ(Convert("a: {b: , c:}\nd:\n"), Documents{R"({"a":{"b":null,"c":null},"d":null})"});
  EXPECT_EQ(Convert("a:\n\n  b:\nc:\n"), Documents{R"({"a":{"b":null},"c":null})"});
}

// yaml-cpp alone would find empty documents there until memory runs out.
TEST(YamlToJsonTest, ATextAfterADocumentIsAnErrorAndNoEndlessLoop) {
  EXPECT_EQ(Convert("{\"a\":{\"b\":\"c\"}},\"d\":nd\":xList\""),
            Documents{"1: text that belongs to no document"});
  EXPECT_EQ(Convert("{a: 1}}\n"), Documents{"1: illegal flow end"});
}

// Byte 4 is yaml-cpp's end of stream: without the check the rest of the file would not be there.
TEST(YamlToJsonTest, ControlCharactersAreRefused) {
  EXPECT_EQ(Convert("a: 1\n\x04\nb: 2\n"),
            Documents{"2: a control character (byte 4); is this a UTF-8 text file?"});
  EXPECT_EQ(Convert(std::string("a\0b", 3)),
            Documents{"1: a control character (byte 0); is this a UTF-8 text file?"});
}

TEST(YamlToJsonTest, FieldsHaveLines) {
  const auto parsed = ParseYaml(
      "metadata:\n"               // 1
      "  labels:\n"               // 2
      "    a.b/c: x\n"            // 3
      "spec:\n"                   // 4
      "  ingress:\n"              // 5
      "  - from:\n"               // 6
      "    - podSelector: {}\n"   // 7
      "    - ipBlock:\n"          // 8
      "        cidr:\n"           // 9
      "          10.0.0.0/8\n"    // 10
      "    ports: [{port: 1},\n"  // 11
      "      {port: 2}]\n");      // 12
  const YamlNode& root = *std::get<0>(parsed)[0];

  EXPECT_EQ(LineOfField(root, ""), 1);
  EXPECT_EQ(LineOfField(root, "metadata.labels[a.b/c]"), 3);
  EXPECT_EQ(LineOfField(root, "spec.ingress[0].from[1].ipBlock.cidr"), 9);
  EXPECT_EQ(LineOfField(root, "spec.ingress[0].ports[1].port"), 12);
  EXPECT_EQ(LineOfField(root, "spec.ingress[0].from[1].ipBlock.except[3]"), 8);
  EXPECT_EQ(LineOfField(root, "spec.ingress[7].from"), 5);
  EXPECT_EQ(LineOfField(root, "status"), 1);
  for (const char* odd : {"[", "]", ".", "[]", "spec.", "spec[", "spec.ingress[x]", "..."}) {
    EXPECT_GE(LineOfField(root, odd), 1) << odd;
  }
}

}  // namespace
}  // namespace sluice::manifests
