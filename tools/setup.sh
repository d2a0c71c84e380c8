#!/usr/bin/env bash
# What a build needs besides cargo: a C compiler (zstd's C sources). Installed where we are root on Debian, named elsewhere.
set -eu
command -v cargo >/dev/null || { echo "setup: no cargo on PATH: install a Rust toolchain (1.95 or newer) first" >&2; exit 1; }
if command -v cc >/dev/null; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends gcc libc6-dev make
else
  echo "setup: no C compiler: install gcc or clang (Debian: apt-get install gcc libc6-dev)" >&2
  exit 1
fi
