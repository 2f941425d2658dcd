/// \file
/// The library's front door: spaces, the optimizer, local executors and the search loop.
///
/// Needs Eigen, and fmt for the progress display, which CUDA translation units are spared: there
/// hposearch/search/progress.hpp is left out. Optional parts have headers of their own beside this one.
#pragma once

#include <hposearch/error.hpp>
#include <hposearch/executor.hpp>
#include <hposearch/executor/inline.hpp>
#include <hposearch/executor/process_pool.hpp>
#include <hposearch/executor/thread_pool.hpp>
#include <hposearch/optimizer.hpp>
#include <hposearch/sampler/auto.hpp>
#include <hposearch/sampler/gaussian_process.hpp>
#include <hposearch/sampler/random.hpp>
#include <hposearch/sampler/sobol.hpp>
#include <hposearch/search/minimize.hpp>
#include <hposearch/space/categorical.hpp>
#include <hposearch/space/dynamic_space.hpp>
#include <hposearch/space/integer.hpp>
#include <hposearch/space/ordinal.hpp>
#include <hposearch/space/real.hpp>
#include <hposearch/space/space.hpp>
#include <hposearch/version.hpp>

#ifndef __CUDACC__
#include <hposearch/search/progress.hpp>
#endif
