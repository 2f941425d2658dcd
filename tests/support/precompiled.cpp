// The precompiled header needs one translation unit that is compiled with it.
