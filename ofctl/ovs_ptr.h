// Owners of what libopenvswitch allocates. Included by .cc files of ofctl only.
#pragma once

#include <memory>
#include <string>

#include "ofctl/ovs_headers.h"

namespace sluice::ofctl {

struct OfpbufDelete {
  void operator()(ofpbuf* buffer) const { ofpbuf_delete(buffer); }
};
using OfpbufPtr = std::unique_ptr<ofpbuf, OfpbufDelete>;

// A growing buffer that starts on the stack.
class ScratchBuffer {
 public:
  ScratchBuffer() { ofpbuf_use_stub(&buffer_, stub_, sizeof stub_); }
  ~ScratchBuffer() { ofpbuf_uninit(&buffer_); }
  ScratchBuffer(const ScratchBuffer&) = delete;
  ScratchBuffer& operator=(const ScratchBuffer&) = delete;
  ofpbuf* get() { return &buffer_; }

 private:
  uint64_t stub_[128];
  ofpbuf buffer_;
};

// Text that libopenvswitch formats.
class TextBuffer {
 public:
  TextBuffer() { ds_init(&text_); }
  ~TextBuffer() { ds_destroy(&text_); }
  TextBuffer(const TextBuffer&) = delete;
  TextBuffer& operator=(const TextBuffer&) = delete;
  ds* get() { return &text_; }
  std::string ToString() { return {ds_cstr(&text_), text_.length}; }

 private:
  ds text_;
};

}  // namespace sluice::ofctl
