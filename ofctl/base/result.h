// Result<T>: a value, or an Error that says what was attempted on what. The one error channel.
//
//   Result<Cidr> cidr = ParseCidr(text);
//   if (!cidr.ok()) return cidr.error().Context("spec.ingress[0].from[1].ipBlock.cidr");
//
// Context is added on the way up; the place that handles an error logs it, once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace sluice {

enum class ErrorCode {
  kInvalid,      // the input is wrong; trying again is useless
  kUnsupported,  // the input is legal, Sluice cannot do it (yet)
  kNotFound,
  kUnavailable,  // a peer (switch, database, agent) is not there; trying again may help
  kTimeout,
  kRefused,  // a peer answered, and its answer was no
  kInternal,
};

class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error seen from one level up: "<what>: <message>".
  Error Context(std::string_view what) const {
    return {code_, std::string(what) + ": " + message_};
  }

  friend bool operator==(const Error&, const Error&) = default;

 private:
  ErrorCode code_;
  std::string message_;
};

inline Error Invalid(std::string message) { return {ErrorCode::kInvalid, std::move(message)}; }
inline Error Unsupported(std::string message) {
  return {ErrorCode::kUnsupported, std::move(message)};
}
inline Error NotFound(std::string message) { return {ErrorCode::kNotFound, std::move(message)}; }
inline Error Unavailable(std::string message) {
  return {ErrorCode::kUnavailable, std::move(message)};
}
inline Error Timeout(std::string message) { return {ErrorCode::kTimeout, std::move(message)}; }
inline Error Refused(std::string message) { return {ErrorCode::kRefused, std::move(message)}; }
inline Error Internal(std::string message) { return {ErrorCode::kInternal, std::move(message)}; }

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::move(value)) {}      // NOLINT(google-explicit-constructor)
  Result(Error error) : state_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return state_.index() == 0; }
  const Error& error() const { return std::get<1>(state_); }

  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(google-explicit-constructor)

  bool ok() const { return !error_.has_value(); }
  const Error& error() const { return *error_; }

 private:
  std::optional<Error> error_;
};

using Status = Result<void>;
inline Status Ok() { return {}; }

}  // namespace sluice

#define SLUICE_CONCAT_INNER(a, b) a##b
#define SLUICE_CONCAT(a, b) SLUICE_CONCAT_INNER(a, b)

// Returns the error of `expr` from the enclosing function, if it has one.
#define SLUICE_RETURN_IF_ERROR(expr)                        \
  do {                                                      \
    if (auto sluice_status = (expr); !sluice_status.ok()) { \
      return sluice_status.error();                         \
    }                                                       \
  } while (false)

// SLUICE_ASSIGN_OR_RETURN(auto cidr, ParseCidr(text));
#define SLUICE_ASSIGN_OR_RETURN(target, expr) \
  SLUICE_ASSIGN_OR_RETURN_IMPL(SLUICE_CONCAT(sluice_result_, __LINE__), target, expr)
#define SLUICE_ASSIGN_OR_RETURN_IMPL(result, target, expr) \
  auto result = (expr);                                    \
  if (!result.ok()) return result.error();                 \
  target = std::move(result).value()
