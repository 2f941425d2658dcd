#!/usr/bin/env bash
# How busy are the slots, asynchronously and in the notebook's rounds? An option gives the number of seeds.
exec "$(dirname "$0")/run.sh" idle "$@"
