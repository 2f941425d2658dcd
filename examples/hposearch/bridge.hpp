// The bridge: any language drives the optimizer, one JSON object a line.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <hposearch/hposearch.hpp>
#include <hposearch/json.hpp>
#include <hposearch/sampler/by_name.hpp>

/// Answers requests about one study at a time. docs/bridge.md describes them.
///
/// A request that is refused changes nothing. The reason names what was wrong and where.
class Bridge {
 public:
  using Json = nlohmann::json;
  using Answer = nlohmann::ordered_json;

  /// The answer to one line, without the line's end. Never throws for what the line says.
  std::string answer(std::string_view line) {
    Answer answer;
    try {
      answer = handle(Json::parse(line));
    } catch (const Json::exception& error) {
      answer = {{"error", std::string{"not a JSON object: "} + error.what()}};
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    return answer.dump(-1, ' ', false, Answer::error_handler_t::replace);
  }

  /// Whether "stop" was asked for.
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }

  /// Answers every line of `in` until it ends or says stop; each answer is flushed.
  void serve(std::istream& in, std::ostream& out) {
    for (std::string line; !stopped() && std::getline(in, line);) out << answer(line) << std::endl;
  }

 private:
  using Optimizer = hposearch::Optimizer<hposearch::DynamicSpace>;
  static constexpr std::size_t most_at_once = 100'000;

  [[nodiscard]] Answer handle(const Json& request) {
    if (!request.is_object()) throw refusal("request", request, "must be an object");
    const std::string op = text(request, "op");
    if (op == "start") return start(request);
    if (op == "ask") return ask(request);
    if (op == "tell") return tell(request);
    if (op == "best") return best(request);
    if (op == "stop") return stop(request);
    throw hposearch::InvalidArgument("op", hposearch::quoted(op), "must be start, ask, tell, best or stop");
  }

  [[nodiscard]] Answer start(const Json& request) {
    only(request, {"op", "space", "seed", "sampler", "budget", "direction"}, "request");
    if (!request.contains("space")) throw hposearch::InvalidArgument("space", "nothing", "must be given");
    hposearch::OptimizerOptions options;
    options.seed = whole(request, "seed", 0).value_or(0);
    options.budget = whole(request, "budget", 1);
    options.sampler = hposearch::make_sampler(request.contains("sampler") ? text(request, "sampler") : "default");
    if (request.contains("direction")) options.direction = direction(text(request, "direction"));
    optimizer_ = std::make_unique<Optimizer>(hposearch::space_from_json(request["space"]), std::move(options));
    return {{"ok", true}};
  }

  [[nodiscard]] Answer ask(const Json& request) {
    only(request, {"op", "n"}, "request");
    const std::size_t n = whole(request, "n", 1).value_or(1);
    if (n > most_at_once) {
      throw hposearch::InvalidArgument("n", hposearch::to_text(n),
                                       "must be at most " + hposearch::to_text(most_at_once));
    }
    Answer trials = Answer::array();
    for (const auto& trial : study().ask(n)) {
      trials.push_back({{"id", trial.id}, {"params", hposearch::to_json(trial.point)}});
    }
    return {{"trials", std::move(trials)}};
  }

  [[nodiscard]] Answer tell(const Json& request) {
    only(request, {"op", "trials"}, "request");
    const auto told = request.find("trials");
    if (told == request.end() || !told->is_array()) {
      throw refusal("trials", told == request.end() ? Json{} : *told, "must be an array of objects");
    }
    std::vector<hposearch::TrialId> ids;
    std::vector<hposearch::Outcome> outcomes;
    for (std::size_t i = 0; i < told->size(); ++i) {
      const std::string place = "trials[" + hposearch::to_text(i) + "]";
      const Json& entry = (*told)[i];
      only(entry, {"id", "value", "state", "reason", "seconds"}, place);
      const auto id = whole(entry, "id", 0, place + ".");
      if (!id) throw hposearch::InvalidArgument(place + ".id", "nothing", "must be given");
      ids.push_back(*id);
      outcomes.push_back(timed(outcome(entry, place), entry, place));
    }
    study().tell(ids, outcomes);
    return {{"ok", true}};
  }

  // A number, or null (or nothing) with the state "failed" said or meant.
  [[nodiscard]] static hposearch::Outcome outcome(const Json& entry, const std::string& place) {
    const auto value = entry.find("value");
    const bool has_value = value != entry.end() && !value->is_null();
    if (has_value && !value->is_number())
      throw refusal(place + ".value", *value, "must be a number, or null for a failure");
    const std::string state = entry.contains("state") ? text(entry, "state", place + ".")
                              : has_value             ? "completed"
                                                      : "failed";
    if (state != (has_value ? "completed" : "failed")) {
      throw hposearch::InvalidArgument(
          place + ".state", hposearch::quoted(state),
          has_value ? "must be \"completed\" with a value" : "must be \"failed\" without a value");
    }
    if (has_value) return value->get<double>();
    return hposearch::Outcome::failure(entry.contains("reason") ? text(entry, "reason", place + ".") : "failed");
  }

  // With the run time, where that is said.
  [[nodiscard]] static hposearch::Outcome timed(const hposearch::Outcome& outcome, const Json& entry,
                                                const std::string& place) {
    const auto seconds = entry.find("seconds");
    if (seconds == entry.end() || seconds->is_null()) return outcome;
    if (!seconds->is_number() || seconds->get<double>() < 0) {
      throw refusal(place + ".seconds", *seconds, "must be a number, at least 0");
    }
    return outcome.after(std::chrono::duration<double>{seconds->get<double>()});
  }

  [[nodiscard]] Answer best(const Json& request) {
    only(request, {"op"}, "request");
    const auto best = study().best();
    return {{"value", best.value}, {"params", hposearch::to_json(best.point)}};
  }

  [[nodiscard]] Answer stop(const Json& request) {
    only(request, {"op"}, "request");
    stopped_ = true;
    return {{"ok", true}};
  }

  [[nodiscard]] Optimizer& study() {
    if (!optimizer_) throw hposearch::Error("nothing was started: send {\"op\":\"start\", ...} first");
    return *optimizer_;
  }

  [[nodiscard]] static hposearch::InvalidArgument refusal(const std::string& what, const Json& value,
                                                          const std::string& rule) {
    return {what, value.dump(-1, ' ', false, Json::error_handler_t::replace), rule};
  }

  // A misspelt member would otherwise be a silent default.
  static void only(const Json& object, const std::vector<std::string_view>& names, const std::string& place) {
    if (!object.is_object()) throw refusal(place, object, "must be an object");
    for (const auto& [name, value] : object.items()) {
      if (std::find(names.begin(), names.end(), name) != names.end()) continue;
      std::string rule = "is not known here; known are";
      for (const auto& known : names) rule += ' ' + std::string{known};
      throw refusal(place + "." + name, value, rule);
    }
  }

  [[nodiscard]] static std::string text(const Json& object, const std::string& name, const std::string& place = "") {
    const auto member = object.find(name);
    if (member == object.end()) throw hposearch::InvalidArgument(place + name, "nothing", "must be given");
    if (!member->is_string()) throw refusal(place + name, *member, "must be a string");
    return member->get<std::string>();
  }

  [[nodiscard]] static std::optional<std::uint64_t> whole(const Json& object, const std::string& name,
                                                          std::uint64_t least, const std::string& place = "") {
    const auto member = object.find(name);
    if (member == object.end() || member->is_null()) return {};
    if (!member->is_number_unsigned() || member->get<std::uint64_t>() < least) {
      throw refusal(place + name, *member, "must be a whole number, at least " + hposearch::to_text(least));
    }
    return member->get<std::uint64_t>();
  }

  [[nodiscard]] static hposearch::Direction direction(const std::string& name) {
    if (name == "minimize") return hposearch::Direction::minimize;
    if (name == "maximize") return hposearch::Direction::maximize;
    throw hposearch::InvalidArgument("direction", hposearch::quoted(name), "must be minimize or maximize");
  }

  std::unique_ptr<Optimizer> optimizer_;
  bool stopped_ = false;
};
