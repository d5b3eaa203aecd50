#include "agent/manifests/manifest_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>

#include "tests/unit/manifests/texts.h"

namespace sluice::manifests {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

class ManifestSourceTest : public testing::Test, public ManifestSource::Listener {
 protected:
  ManifestSourceTest() {
    std::string name = testing::TempDir() + "manifests-XXXXXX";
    root_ = mkdtemp(name.data());
    directory_ = root_ / "dir";
    fs::create_directory(directory_);
  }
  ~ManifestSourceTest() override {
    source_.reset();
    fs::remove_all(root_);
  }

  void OnObjects(std::vector<store::StoreEvent> events) override {
    ++batches_;
    for (store::StoreEvent& event : events) {
      if (event.kind != store::ObjectKind::kPod) continue;
      if (event.object) {
        pods_[event.key.name] = std::get<store::Pod>(*event.object).labels.at("app");
      } else {
        pods_.erase(event.key.name);
        ever_removed_ = true;
      }
    }
  }
  void OnComplaints(const std::vector<Complaint>& complaints) override {
    complaints_.clear();
    for (const Complaint& complaint : complaints) complaints_.push_back(complaint.ToString());
  }

  void Start() {
    source_ = std::make_unique<ManifestSource>(io_, directory_, *this);
    const Status started = source_->Start();
    ASSERT_TRUE(started.ok()) << started.error().message();
    ASSERT_EQ(batches_, 0);
    ASSERT_TRUE(RunUntil([&] { return batches_ == 1; }));
  }
  bool RunUntil(const std::function<bool()>& done) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!done() && std::chrono::steady_clock::now() < deadline) {
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(20));
    }
    return done();
  }
  bool Label(const std::string& pod, const std::string& label) {
    return RunUntil([&] { return pods_.contains(pod) && pods_[pod] == label; });
  }
  // A change that is certain to be seen after everything before it.
  void Fence() {
    ++fence_;
    const std::string label = "f" + std::to_string(fence_);
    Write("fence.yaml", PodText("fence", label));
    ASSERT_TRUE(Label("fence", label));
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_ / name) << text;
  }

  boost::asio::io_context io_;
  fs::path root_;
  fs::path directory_;
  std::unique_ptr<ManifestSource> source_;
  std::map<std::string, std::string> pods_;
  std::vector<std::string> complaints_;
  int batches_ = 0;
  int fence_ = 0;
  bool ever_removed_ = false;
};

TEST_F(ManifestSourceTest, TheFirstBatchIsTheWholeDirectory) {
  Write("a.yaml", PodText("a", "1"));
  Write("b.yml", PodText("b", "1"));
  Write("c.json", R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"c","labels":{"app":"1"}},
                      "spec":{"containers":[{}]}})");
  Write(".hidden.yaml", PodText("hidden", "1"));
  Write("notes.txt", PodText("notes", "1"));
  fs::create_directory(directory_ / "sub.yaml");

  Start();

  EXPECT_THAT(pods_, ElementsAre(testing::Key("a"), testing::Key("b"), testing::Key("c")));
  EXPECT_THAT(complaints_, IsEmpty());
}

TEST_F(ManifestSourceTest, AnEmptyDirectoryIsInSyncToo) { Start(); }

TEST_F(ManifestSourceTest, ADirectoryThatIsNotThereIsAnError) {
  ManifestSource source(io_, root_ / "nowhere", *this);

  const Status started = source.Start();

  ASSERT_FALSE(started.ok());
  EXPECT_THAT(started.error().message(), HasSubstr("nowhere"));
}

TEST_F(ManifestSourceTest, ANewFileAnEditARenameAndADeletionTakeEffect) {
  Start();

  Write("a.yaml", PodText("a", "1"));
  EXPECT_TRUE(Label("a", "1"));
  Write("a.yaml", PodText("a", "2"));
  EXPECT_TRUE(Label("a", "2"));
  Write("new.tmp", PodText("a", "3"));
  fs::rename(directory_ / "new.tmp", directory_ / "a.yaml");
  EXPECT_TRUE(Label("a", "3"));
  EXPECT_FALSE(ever_removed_);
  fs::remove(directory_ / "a.yaml");
  EXPECT_TRUE(RunUntil([&] { return pods_.empty(); }));
}

TEST_F(ManifestSourceTest, AnEditIsSeenWithinMilliseconds) {
  Start();
  auto fastest = std::chrono::steady_clock::duration::max();

  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    Fence();
    fastest = std::min(fastest, std::chrono::steady_clock::now() - start);
  }

  EXPECT_LT(fastest, std::chrono::milliseconds(50));
}

TEST_F(ManifestSourceTest, AFileBeingWrittenInPlaceCountsWhenItIsClosed) {
  Write("a.yaml", PodText("a", "1"));
  Start();

  std::ofstream half(directory_ / "a.yaml");
  half << "apiVersion: v1\n" << std::flush;
  std::ofstream fresh(directory_ / "b.yaml");
  fresh << PodText("b", "1") << std::flush;
  Fence();
  EXPECT_EQ(pods_["a"], "1");
  EXPECT_FALSE(pods_.contains("b"));
  EXPECT_THAT(complaints_, IsEmpty());

  half << PodText("a", "2").substr(std::string("apiVersion: v1\n").size());
  half.close();
  EXPECT_TRUE(Label("a", "2"));
}

// vim's way to save: move the file aside, write a new one.
TEST_F(ManifestSourceTest, AFileThatIsMovedAsideAndWrittenAnewDoesNotFlicker) {
  Write("a.yaml", PodText("a", "1"));
  Start();

  fs::rename(directory_ / "a.yaml", directory_ / "a.yaml~");
  Write("a.yaml", PodText("a", "2"));

  EXPECT_TRUE(Label("a", "2"));
  EXPECT_FALSE(ever_removed_);
}

TEST_F(ManifestSourceTest, ChangesThatComeTogetherAreOneBatch) {
  Write("a.yaml", PodText("a", "1"));
  Start();

  fs::rename(directory_ / "a.yaml", directory_ / "b.yaml");
  Write("c.yaml", PodText("c", "1"));
  Write("d.yaml", PodText("d", "1"));

  EXPECT_TRUE(Label("d", "1"));
  EXPECT_EQ(batches_, 2);
  EXPECT_EQ(pods_.size(), 3U);
  EXPECT_FALSE(ever_removed_);
}

TEST_F(ManifestSourceTest, BadThenGood) {
  Write("a.yaml", PodText("a", "1"));
  Start();

  Write("a.yaml", "a: [\n");
  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("not valid YAML")));
  EXPECT_EQ(pods_["a"], "1");

  Write("a.yaml", PodText("a", "2"));
  EXPECT_TRUE(Label("a", "2"));
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  EXPECT_FALSE(ever_removed_);
}

// A ConfigMap volume: a.yaml -> ..data/a.yaml, ..data -> ..1; an update swaps ..data.
TEST_F(ManifestSourceTest, AConfigMapVolumeIsFollowed) {
  for (const char* version : {"1", "2"}) {
    fs::create_directory(directory_ / (std::string("..") + version));
    Write(std::string("..") + version + "/a.yaml", PodText("a", version));
  }
  fs::create_symlink("..1", directory_ / "..data");
  fs::create_symlink("..data/a.yaml", directory_ / "a.yaml");
  Start();
  EXPECT_EQ(pods_["a"], "1");

  fs::create_symlink("..2", directory_ / "..data_tmp");
  fs::rename(directory_ / "..data_tmp", directory_ / "..data");

  EXPECT_TRUE(Label("a", "2"));
  EXPECT_FALSE(ever_removed_);
}

TEST_F(ManifestSourceTest, ANewLinkIsReadAtOnce) {
  std::ofstream(root_ / "target") << PodText("a", "1");
  Start();

  fs::create_symlink(root_ / "target", directory_ / "a.yaml");

  EXPECT_TRUE(Label("a", "1"));
}

TEST_F(ManifestSourceTest, AFileThatCannotBeReadKeepsWhatItSaid) {
  std::ofstream(root_ / "target") << PodText("a", "1");
  fs::create_symlink(root_ / "target", directory_ / "a.yaml");
  Start();
  fs::remove(root_ / "target");

  fs::create_symlink(root_ / "target", directory_ / "new.tmp");
  fs::rename(directory_ / "new.tmp", directory_ / "a.yaml");

  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(complaints_, ElementsAre("a.yaml: cannot be read: No such file or directory"));
  EXPECT_EQ(pods_["a"], "1");
}

TEST_F(ManifestSourceTest, AFifoDoesNotHangIt) {
  ASSERT_EQ(mkfifo((directory_ / "a.yaml").c_str(), 0600), 0);

  Start();

  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(complaints_, ElementsAre("a.yaml: cannot be read: not a regular file"));
}

TEST_F(ManifestSourceTest, ADirectoryThatGoesAndComesBack) {
  Write("a.yaml", PodText("a", "1"));
  Write("b.yaml", PodText("b", "1"));
  Start();

  fs::rename(directory_, root_ / "elsewhere");
  EXPECT_TRUE(RunUntil([&] { return !complaints_.empty(); }));
  EXPECT_THAT(complaints_, ElementsAre(HasSubstr("is gone; what it said last stays in force")));
  EXPECT_EQ(pods_.size(), 2U);

  fs::remove(root_ / "elsewhere" / "b.yaml");
  std::ofstream(root_ / "elsewhere" / "a.yaml") << PodText("a", "2");
  fs::rename(root_ / "elsewhere", directory_);
  EXPECT_TRUE(Label("a", "2"));
  EXPECT_TRUE(RunUntil([&] { return complaints_.empty(); }));
  EXPECT_EQ(pods_.size(), 1U);
  Write("a.yaml", PodText("a", "3"));
  EXPECT_TRUE(Label("a", "3"));
}

TEST_F(ManifestSourceTest, DestroyingItSilencesIt) {
  Start();
  Write("a.yaml", PodText("a", "1"));

  source_.reset();
  io_.restart();
  io_.run();

  EXPECT_EQ(batches_, 1);
}

}  // namespace
}  // namespace sluice::manifests
