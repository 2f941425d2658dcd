/// \file
/// A scheduler as a state machine: a head towards workers, and one big worker towards each of several programs.
#pragma once

#include <hposearch/cluster/scheduler_state_class.hpp>
#include <hposearch/cluster/scheduler_state_programs.hpp>
#include <hposearch/cluster/scheduler_state_tasks.hpp>
