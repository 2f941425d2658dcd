#include "all_headers.hpp"

const void* version_in_second();
const void* version_in_second() { return &hposearch::version; }
