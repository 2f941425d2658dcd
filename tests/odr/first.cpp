#include "all_headers.hpp"

const void* version_in_second();

// Something inline is the same object in both.
int main() { return version_in_second() == &hposearch::version ? 0 : 1; }
