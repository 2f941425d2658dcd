/// \file
/// Lets a worker evaluate by an external command, whatever the space.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <hposearch/cluster/bytes.hpp>
#include <hposearch/cluster/evaluator.hpp>
#include <hposearch/cluster/point_codec.hpp>
#include <hposearch/executor/command.hpp>
#include <hposearch/executor/command_values.hpp>
#include <hposearch/space/value.hpp>
#include <hposearch/text.hpp>
#include <hposearch/trial/context.hpp>

namespace hposearch::inline v0::cluster {

/// A point as it was sent: names and values, without a space.
struct NamedPoint {
  std::vector<NamedValue> values;
};

[[nodiscard]] inline std::vector<CommandValue> command_values(const NamedPoint& point) {
  std::vector<CommandValue> values;
  for (const NamedValue& named : point.values) {
    std::visit(
        [&](const auto& held) {
          std::string text;
          if constexpr (requires { to_text(held); })
            text = to_text(held);
          else
            text = held;
          std::string json = hposearch::detail::json_value(held, text);
          values.push_back({named.name, std::move(text), std::move(json)});
        },
        named.value);
  }
  return values;
}

/// Runs the command for each trial, with the point in its arguments, its environment and its input.
[[nodiscard]] inline Evaluator command_evaluator(Command command) {
  return {[command = std::make_shared<const Command>(std::move(command))](ByteView point, TrialContext& context) {
    return (*command)(NamedPoint{read_values(point)}, context);
  }};
}

}  // namespace hposearch::inline v0::cluster
