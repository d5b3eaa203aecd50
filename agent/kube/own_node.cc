#include "agent/kube/own_node.h"

#include <glog/logging.h>

#include <utility>

#include "agent/kube/api_object.h"
#include "agent/kube/credentials.h"
#include "agent/kube/list_decoder.h"
#include "agent/kube/request_target.h"
#include "agent/kube/tls_context.h"

namespace sluice::kube {

OwnNode::OwnNode(boost::asio::io_context& io, Spec spec, std::function<void(store::Node)> found)
    : spec_(std::move(spec)),
      found_(std::move(found)),
      client_(std::make_shared<ApiClient>(io, spec_.access)),
      timer_(io),
      backoff_(spec_.backoff),
      random_(spec_.seed),
      missing_("has not been asked for yet") {}

Status OwnNode::Start() {
  SLUICE_ASSIGN_OR_RETURN(const Credentials credentials, LoadCredentials(spec_.access));
  const auto usable = MakeTlsContext(credentials.tls);
  if (!usable.ok()) return usable.error();
  Ask();
  return Ok();
}

void OwnNode::Stop() {
  found_ = nullptr;
  timer_.cancel();
  client_->Cancel();
}

void OwnNode::Ask() {
  body_.clear();
  // The client drops its events when it is told to; it lives no longer than this.
  AnswerEvents events;
  events.accepted = [] {};
  events.body = [this](std::string_view bytes) { OnBody(bytes); };
  events.ended = [this] { OnEnd(); };
  events.refused = [this](const RefusedAnswer& answer) {
    AskLater(DecodeStatus(answer.code, answer.body).ToString());
  };
  events.failed = [this](const Error& error) { AskLater(error.message()); };
  client_->Get(ObjectTarget(Resource::kNodes, spec_.name), spec_.patience, events);
}

void OwnNode::OnBody(std::string_view bytes) {
  body_ += bytes;
  if (body_.size() <= kMaxObjectBytes) return;
  client_->Cancel();
  AskLater("is longer than " + std::to_string(kMaxObjectBytes) + " bytes");
}

void OwnNode::OnEnd() {
  ApiObject object = DecodeItem(Resource::kNodes, {body_, Length::kWhole});
  body_ = {};
  if (const auto* refused = std::get_if<decode::DecodeError>(&object.content)) {
    return AskLater(refused->field + ": " + refused->message);
  }
  auto node = std::get<store::Node>(std::get<store::Object>(std::move(object.content)));
  if (node.pod_cidrs.empty()) return AskLater("has no spec.podCIDRs yet");
  missing_.clear();
  if (found_) std::exchange(found_, nullptr)(std::move(node));
}

void OwnNode::AskLater(const std::string& missing) {
  std::string now = "Node " + spec_.name + ": " + missing;
  if (now != missing_) LOG(WARNING) << "waiting for the pods' networks: " << now;
  missing_ = std::move(now);
  const auto base = backoff_.Failed().count();
  using Wait = std::chrono::milliseconds;
  timer_.expires_after(
      Wait(std::uniform_int_distribution<Wait::rep>(base - base / 2, base + base / 2)(random_)));
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
    const auto self = weak.lock();
    if (!cancelled && self && self->found_) self->Ask();
  });
}

}  // namespace sluice::kube
