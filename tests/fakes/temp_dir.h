// A directory of its own for one test; its path is short enough for sockets.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::fakes {

class TempDir {
 public:
  TempDir() {
    std::string path = (std::filesystem::temp_directory_path() / "sluice-XXXXXX").string();
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

  std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(*this / name).rdbuf();
    return text.str();
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name) << text;
  }
  void WriteProgram(const std::string& name, const std::string& script) const {
    Write(name, "#!/bin/sh\n" + script);
    std::filesystem::permissions(*this / name, std::filesystem::perms::owner_all);
  }

 private:
  std::string path_;
};

}  // namespace sluice::fakes
