// A directory of its own for one test: sockets need a short path.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace sluice::unixctl {

class TempDir {
 public:
  TempDir() {
    std::string path = std::filesystem::temp_directory_path() / "sluice-unixctl-XXXXXX";
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name) << text;
  }

 private:
  std::string path_;
};

}  // namespace sluice::unixctl
