# Spaces and points as JSON.
hposearch_component_headers(json.hpp json/)
hposearch_component_needs(nlohmann_json TARGET nlohmann_json::nlohmann_json MINIMUM 3.9 DEBIAN nlohmann-json3-dev)
