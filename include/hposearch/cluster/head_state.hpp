/// \file
/// The head's side of the protocol as a state machine: which worker gets what, and what becomes of it.
#pragma once

#include <hposearch/cluster/head_state_assignment.hpp>
#include <hposearch/cluster/head_state_class.hpp>
#include <hposearch/cluster/head_state_connections.hpp>
#include <hposearch/cluster/head_state_tasks.hpp>
#include <hposearch/cluster/head_state_workers.hpp>
