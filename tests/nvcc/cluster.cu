#include <hposearch/cluster.hpp>

int main() {}
