#include <hposearch/json.hpp>

int main() {}
