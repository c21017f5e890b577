#!/bin/sh
# Builds the drop-in shared library: the runtime as libomp.so (and libomp.so.5, Debian's name for it), for programs
# compiled by `clang -fopenmp`.  usage: dropin.sh [FOLDER]  (default: target/dropin)
# PROFILE=debug or checked (optimised, with assertions) instead of release; FEATURES=stress for random delays
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ $# -eq 0 ] || out=$(realpath -m "$1")
cd "$here/../.."
profile=${PROFILE:-release}
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
out=${out:-$target/dropin}
linker=${CC:-cc}
case $profile in debug) name=dev ;; *) name=$profile ;; esac
cargo build --quiet -p omply-runtime --profile "$name" ${FEATURES:+--features "$FEATURES"}
mkdir -p "$out"
# Never unloaded: the workers outlive any dlclose.
"$linker" -shared -o "$out/libomp.so" -Wl,-soname,libomp.so -Wl,-z,nodelete -Wl,-Bsymbolic \
  -Wl,--version-script="$here/dropin.map" -Wl,--gc-sections \
  -Wl,--whole-archive "$target/$profile/libomply_runtime.a" -Wl,--no-whole-archive -lpthread -ldl -lm
ln -sf libomp.so "$out/libomp.so.5"
echo "$out/libomp.so"
