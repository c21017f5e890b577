#!/bin/sh
# Compares the runtime with another libomp: see run.py.
exec python3 "$(dirname "$0")/run.py" "$@"
