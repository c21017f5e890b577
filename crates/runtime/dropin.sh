#!/bin/sh
# Builds the drop-in shared library: the runtime as libomp.so, also under the names libomp.so.5 (Debian's), libiomp5.so
# (Intel's), libgomp.so.1 and libgomp.so (GCC's), for programs compiled by any of these compilers.
# usage: dropin.sh [FOLDER]  (default: target/dropin)
# PROFILE=debug or checked (optimised, with assertions) instead of release; FEATURES=stress for random delays
#
# What is exported is read from the static library itself: every entry point there has the version node VERSION, as in
# LLVM's library, and those that dropin/peers.tsv lists the nodes of LLVM's and GCC's libraries besides. A symbol has one
# node in its own object file, so each further node gets a one-jump alias in an assembler file made here.
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
archive=$target/$profile/libomply_runtime.a
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Names of the entry points, with their kind (T: code, others: data).
"${NM:-nm}" --defined-only --extern-only --format=posix "$archive" 2>/dev/null |
  awk '$1 ~ /^(__kmpc_|__tgt_|omp_|ompc_|ompx_|ompt_|kmp_|kmpc_|GOMP_|omply_)/ { print $1, $2 }' | sort -u >"$work/exports"
[ -s "$work/exports" ] || { echo "dropin.sh: no entry points in $archive" >&2; exit 1; }

awk -v script="$work/script" -v aliases="$work/aliases.s" '
  FNR == NR { kind[$1] = $2; order[++count] = $1; next }
  /^#/ || !($1 in kind) || kind[$1] != "T" { next }
  {
    split($2 "," $3, nodes, ",")
    for (i in nodes) {
      node = nodes[i]
      if (node == "-" || node == "VERSION" || ($1, node) in seen) continue
      seen[$1, node] = 1; known[node] = 1
      label = "omply_alias_" ++number
      jump = machine == "aarch64" ? "b" : "jmp"
      printf ".globl %s\n.type %s, @function\n%s: %s %s\n.symver %s, %s@%s\n", label, label, label, jump, $1, label, $1, node >aliases
    }
  }
  BEGIN { "uname -m" | getline machine; print ".text" >aliases }
  END {
    print ".section .note.GNU-stack,\"\",%progbits" >aliases
    print "VERSION {\n  global:" >script
    for (i = 1; i <= count; i++) print "    " order[i] ";" >script
    print "  local:\n    *;\n};" >script
    for (node in known) print node " { };" >script
  }' "$work/exports" "$here/dropin/peers.tsv"
"$linker" -c -o "$work/aliases.o" "$work/aliases.s"

# Our own calls never go to another library's symbols (-Bsymbolic); never unloaded, since workers outlive any dlclose.
"$linker" -shared -o "$work/libomp.so" -Wl,-soname,libomp.so -Wl,-z,nodelete -Wl,-z,now -Wl,-Bsymbolic \
  -Wl,--version-script="$work/script" -Wl,--gc-sections \
  "$work/aliases.o" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive -lpthread -ldl -lm
# A process that runs on the old file keeps it.
mv -f "$work/libomp.so" "$out/libomp.so"
for name in libomp.so.5 libiomp5.so libgomp.so.1 libgomp.so; do ln -sf libomp.so "$out/$name"; done
echo "$out/libomp.so"
