#include "agent/cni_conf/conflist_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/fakes/temp_dir.h"

namespace sluice::cni_conf {
namespace {

const std::vector<AddressRange> kRanges = {
    {.subnet = *ParseCidr("10.244.1.0/24"), .gateway = *ParseIp("10.244.1.1")}};

class ConflistFileTest : public testing::Test {
 protected:
  ConflistFileTest() { std::filesystem::create_directory(directory_ / "net.d"); }

  void WriteTemplate(const std::string& text) const { std::ofstream(file_.template_file) << text; }
  ino_t Inode() const {
    struct stat found {};
    EXPECT_EQ(stat((file_.directory + "/" + kFileName).c_str(), &found), 0);
    return found.st_ino;
  }

  fakes::TempDir directory_;
  ConflistFile file_{.directory = directory_ / "net.d",
                     .template_file = directory_ / "template.json"};
};

constexpr char kTemplate[] = R"({"plugins":[{"type":"sluice","ipam":{"type":"host-local"}}]})";

TEST_F(ConflistFileTest, IsWrittenWithTheNodesRanges) {
  WriteTemplate(kTemplate);
  ASSERT_TRUE(EnsureConflist(file_, kRanges).ok());
  EXPECT_EQ(directory_.Read("net.d/10-sluice.conflist"), *ConflistText(kTemplate, kRanges));
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(file_.directory), {}), 1);
}

TEST_F(ConflistFileTest, SameContentIsNotWrittenAgainAndAnotherReplacesTheFile) {
  WriteTemplate(kTemplate);
  ASSERT_TRUE(EnsureConflist(file_, kRanges).ok());
  const ino_t first = Inode();
  ASSERT_TRUE(EnsureConflist(file_, kRanges).ok());
  EXPECT_EQ(Inode(), first);
  const std::vector<AddressRange> others = {
      {.subnet = *ParseCidr("10.244.2.0/24"), .gateway = *ParseIp("10.244.2.1")}};
  ASSERT_TRUE(EnsureConflist(file_, others).ok());
  EXPECT_NE(Inode(), first);
  EXPECT_EQ(directory_.Read("net.d/10-sluice.conflist"), *ConflistText(kTemplate, others));
}

TEST_F(ConflistFileTest, AFailureNamesTheFileAndLeavesWhatWasThere) {
  EXPECT_THAT(EnsureConflist(file_, kRanges).error().message(),
              testing::HasSubstr("template.json: No such file"));
  WriteTemplate(kTemplate);
  ASSERT_TRUE(EnsureConflist(file_, kRanges).ok());
  const std::string before = directory_.Read("net.d/10-sluice.conflist");
  WriteTemplate("{");
  EXPECT_THAT(EnsureConflist(file_, kRanges).error().message(),
              testing::HasSubstr("template.json: is not JSON"));
  EXPECT_EQ(directory_.Read("net.d/10-sluice.conflist"), before);
  file_.directory = directory_ / "missing";
  WriteTemplate(kTemplate);
  EXPECT_THAT(EnsureConflist(file_, kRanges).error().message(),
              testing::HasSubstr("missing/10-sluice.conflist.new: No such file"));
}

}  // namespace
}  // namespace sluice::cni_conf
