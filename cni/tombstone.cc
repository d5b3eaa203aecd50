#include "cni/tombstone.h"

namespace sluice::cni {

std::string TombstoneDirectory(std::string_view agent_socket) {
  const size_t slash = agent_socket.rfind('/');
  const std::string_view directory =
      slash == std::string_view::npos ? "." : agent_socket.substr(0, slash);
  return std::string(directory) + "/deleted";
}

std::string FileName(const AttachmentKey& attachment) {
  return attachment.container_id + ":" + attachment.ifname;
}

Result<AttachmentKey> ParseTombstone(std::string_view file_name) {
  const size_t colon = file_name.find(':');
  if (colon == std::string_view::npos) {
    return Invalid("not <container id>:<interface>: " + Quoted(file_name));
  }
  AttachmentKey attachment{std::string(file_name.substr(0, colon)),
                           std::string(file_name.substr(colon + 1))};
  SLUICE_RETURN_IF_ERROR(CheckContainerId(attachment.container_id));
  SLUICE_RETURN_IF_ERROR(CheckIfname(attachment.ifname));
  return attachment;
}

}  // namespace sluice::cni
