#!/bin/sh
# Checks before `make demo` that this machine can run it, and says what will happen.
#
#   tools/preflight.sh [INSTALLED]   INSTALLED is the file that says the environment is there
#
# NEED_DISK_MB and NEED_MEMORY_MB replace what is asked for.
set -u
cd "$(dirname "$0")/.." || exit 1
failed=0

if [ -n "${1:-}" ] && [ -e "$1" ]; then
  download="nothing, the environment is there"
  disk_needed=${NEED_DISK_MB:-1000}
else
  download="about 0.7 GB of packages, the demo's data (35 MB) among them; it takes a minute on a fast line"
  disk_needed=${NEED_DISK_MB:-4000}
fi
memory_needed=${NEED_MEMORY_MB:-3000}

free_disk() { # megabytes in this folder's file system
  df -Pk . | awk 'NR == 2 { print int($4 / 1024) }'
}

free_memory() { # megabytes; nothing where it cannot be told
  if [ -r /proc/meminfo ]; then
    awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo
  else
    sysctl -n hw.memsize 2>/dev/null | awk '{ print int($1 / 1048576) }'
  fi
}

fail() {
  echo "error: $1" >&2
  echo "       $2" >&2
  failed=1
}

tools/find-python.sh >/dev/null || failed=1

disk=$(free_disk)
[ "$disk" -ge "$disk_needed" ] ||
  fail "$disk MB of disk are free in $PWD, the demo needs $disk_needed MB." \
    "Free some, or move the project to a larger disk."

memory=$(free_memory)
[ "${memory:-$memory_needed}" -ge "$memory_needed" ] ||
  fail "$memory MB of memory are free, the demo needs $memory_needed MB." \
    "Close other programs, or raise the memory limit of the virtual machine or container."

[ "$failed" -eq 0 ] || exit 1
echo "Download: $download."
echo "Then the demo trains on real data and serves it: a few minutes on two cores."
