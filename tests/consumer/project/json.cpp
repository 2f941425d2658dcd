#include <hposearch/json.hpp>

#include <nlohmann/json.hpp>

int main() {
  const auto space = hposearch::space_from_json(
      nlohmann::json::parse(R"([{"name": "x", "type": "real", "low": 0, "high": 1}])"));
  return space.size() == 1 ? 0 : 1;
}
