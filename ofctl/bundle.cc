#include "ofctl/bundle.h"

#include <algorithm>

namespace sluice::ofctl {
namespace {

void AppendTo(Message& out, const Message& message) {
  out.insert(out.end(), message.begin(), message.end());
}

}  // namespace

std::optional<uint32_t> BundleXids::IndexOf(Xid xid) const {
  const uint32_t index = xid.value - first.value - 1;
  if (index >= messages) return std::nullopt;
  return index;
}

BundleEncoder::BundleEncoder(const BundleContent& content, const Spec& spec)
    : content_(content),
      bundle_(spec.bundle),
      xids_{spec.first, static_cast<uint32_t>(content.size())} {}

Status BundleEncoder::Append(uint32_t index, Message& out) const {
  const Xid xid = xids_.message(index);
  const size_t hidden = content_.hidden.size();
  const size_t removals = content_.delta->remove.size();
  if (index < hidden) {
    return AppendBundleAdd(bundle_, EncodeDelete(xid, content_.hidden[index]), out);
  }
  if (index < hidden + removals) {
    return AppendBundleDelete(bundle_, xid, content_.delta->remove[index - hidden], out);
  }
  return AppendBundleAdd(bundle_, xid, content_.delta->set[index - hidden - removals], out);
}

std::optional<FlowKey> BundleEncoder::KeyOf(uint32_t index) const {
  const size_t hidden = content_.hidden.size();
  const size_t removals = content_.delta->remove.size();
  if (index < hidden || index >= content_.size()) return std::nullopt;
  if (index < hidden + removals) return content_.delta->remove[index - hidden];
  return content_.delta->set[index - hidden - removals].key;
}

Message BundleEncoder::Next(size_t size, std::vector<Refusal>& refusals) {
  Message out;
  out.reserve(size + 256);
  if (!opened_) AppendTo(out, EncodeBundleControl(xids_.open(), bundle_, BundleStep::kOpen));
  opened_ = true;
  for (; next_ < xids_.messages && out.size() < size; ++next_) {
    const Status status = Append(next_, out);
    if (!status.ok()) refusals.push_back({KeyOf(next_), status.error().message()});
  }
  if (next_ == xids_.messages && !done_) {
    AppendTo(out, EncodeBundleControl(xids_.close(), bundle_, BundleStep::kClose));
    done_ = true;
  }
  return out;
}

BundleDecision BundleExchange::Decide() {
  state_ = refusals_.empty() ? State::kCommitting : State::kDiscarding;
  return refusals_.empty() ? BundleDecision::kCommit : BundleDecision::kDiscard;
}

BundleDecision BundleExchange::OnError(const SwitchError& error,
                                       const std::optional<FlowKey>& key) {
  const bool ends = error.xid == xids_.commit() || error.xid == xids_.discard();
  const bool ours = ends || error.xid == xids_.open() || error.xid == xids_.close() ||
                    xids_.IndexOf(error.xid).has_value();
  if (!ours || state_ == State::kOver) return BundleDecision::kWait;
  const bool about_a_flow = xids_.IndexOf(error.xid).has_value();
  refusals_.push_back({key, about_a_flow ? error.text : "bundle: " + error.text});
  if (ends) {  // the switch forgets a bundle that it could not commit
    state_ = State::kOver;
    return BundleDecision::kFailed;
  }
  if (error.xid == xids_.close() && state_ == State::kFilling) return Decide();
  return BundleDecision::kWait;
}

BundleDecision BundleExchange::OnReply(BundleStep step) {
  if (step == BundleStep::kClose && state_ == State::kFilling) return Decide();
  if (step == BundleStep::kCommit && state_ == State::kCommitting) {
    state_ = State::kOver;
    return BundleDecision::kSucceeded;
  }
  if (step == BundleStep::kDiscard && state_ == State::kDiscarding) {
    state_ = State::kOver;
    return BundleDecision::kFailed;
  }
  return BundleDecision::kWait;
}

CommitError BundleExchange::Failure() const {
  CommitError failure{Refused("the switch refused the bundle"), {}};
  std::string reasons;
  for (const Refusal& refusal : refusals_) {
    if (refusal.key) failure.refused.push_back(*refusal.key);
  }
  constexpr size_t kTold = 3;  // a whole bundle may be refused for one reason
  for (size_t i = 0; i < std::min(kTold, refusals_.size()); ++i) {
    const Refusal& refusal = refusals_[i];
    const std::string subject = refusal.key ? "flow " + ToString(*refusal.key) + ": " : "";
    reasons += (i > 0 ? "; " : "") + subject + refusal.why;
  }
  if (refusals_.size() > kTold) {
    reasons += "; and " + std::to_string(refusals_.size() - kTold) + " more";
  }
  failure.error = Refused("the switch refused the bundle: " + reasons);
  return failure;
}

}  // namespace sluice::ofctl
