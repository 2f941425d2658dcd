/// \file
/// What the library throws. Every exception derives from Error; nothing that was told before is lost by one.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include <hposearch/text.hpp>

namespace hposearch::inline v0 {

/// Base of every exception that the library throws.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An argument outside its allowed range: says which one, what it was, and what is allowed.
class InvalidArgument : public Error {
 public:
  /// \param parameter name of the argument or dimension
  /// \param value     what was given, as text
  /// \param rule      what is allowed, for example "must be above 0"
  InvalidArgument(std::string parameter, std::string value, std::string rule)
      : Error(quoted(parameter) + " = " + value + ": " + rule),
        parameter_(std::move(parameter)),
        value_(std::move(value)),
        rule_(std::move(rule)) {}

  [[nodiscard]] const std::string& parameter() const noexcept { return parameter_; }
  [[nodiscard]] const std::string& value() const noexcept { return value_; }
  [[nodiscard]] const std::string& rule() const noexcept { return rule_; }

 private:
  std::string parameter_, value_, rule_;
};

/// A dimension or a space that cannot be searched.
class InvalidSpace : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// A point that does not lie in the space.
class InvalidPoint : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// A trial that this optimizer did not ask for.
class UnknownTrial : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// A second, different result for a trial that has ended.
class ConflictingTell : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
};

/// Every point of a finite space has been tried or is pending.
class SpaceExhausted : public Error {
 public:
  using Error::Error;
};

/// The best trial was asked for before any trial completed.
class NoObservation : public Error {
 public:
  using Error::Error;
};

/// A trial was started on an executor that has no free slot.
class NoFreeSlot : public Error {
 public:
  using Error::Error;
};

}  // namespace hposearch::inline v0
