// A directory of its own for one test.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace sluice::cni {

class TempDir {
 public:
  TempDir() {
    std::string path = (std::filesystem::temp_directory_path() / "sluice-cni-XXXXXX").string();
    if (mkdtemp(path.data()) != nullptr) path_ = path;
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

  std::string Read(const std::string& name) const {
    std::stringstream text;
    text << std::ifstream(path_ + "/" + name).rdbuf();
    return text.str();
  }

  void WriteProgram(const std::string& name, const std::string& script) const {
    std::ofstream(path_ + "/" + name) << "#!/bin/sh\n" << script;
    std::filesystem::permissions(path_ + "/" + name, std::filesystem::perms::owner_all);
  }

 private:
  std::string path_;
};

}  // namespace sluice::cni
