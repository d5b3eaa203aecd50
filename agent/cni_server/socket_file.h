// SocketFile: the file that a listening unix socket was bound to, to notice when it is no longer
// there: the socket lives on, but nobody can reach it.
#pragma once

#include <sys/types.h>

#include <string>

#include "ofctl/base/result.h"

namespace sluice::cni_server {

class SocketFile {
 public:
  // As it is now. Error: there is none.
  static Result<SocketFile> At(const std::string& path);

  // Error, which names the path: it is gone, or another file.
  Status StillThere() const;

 private:
  SocketFile(std::string path, dev_t device, ino_t inode)
      : path_(std::move(path)), device_(device), inode_(inode) {}

  std::string path_;
  dev_t device_;
  ino_t inode_;
};

}  // namespace sluice::cni_server
