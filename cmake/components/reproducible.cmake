# The same points on every machine also where the compiler may fuse a multiplication with an addition: with -march=native
# or -mfma, and on processors that always can, such as ARM's of 64 bits.
hposearch_component_options($<$<COMPILE_LANG_AND_ID:CXX,GNU,Clang,AppleClang>:-ffp-contract=off>)
