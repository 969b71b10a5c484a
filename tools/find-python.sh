#!/bin/sh
# Prints a Python that can make the project's environment, or says why none can.
#
#   tools/find-python.sh               looks for python3.11, python3.12, python3.13 and python3
#   PYTHON=/path tools/find-python.sh  takes that one
set -u

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))'
complete='import ensurepip, venv'

# A name on the PATH proves nothing (version managers leave empty shims there), so every candidate is run.
incomplete=
for candidate in ${PYTHON:-python3.11 python3.12 python3.13 python3}; do
  "$candidate" -c "$fits" >/dev/null 2>&1 || continue
  if "$candidate" -c "$complete" >/dev/null 2>&1; then
    command -v "$candidate"
    exit 0
  fi
  incomplete="$incomplete $candidate"
done

if [ -n "$incomplete" ]; then
  echo "error: Python found (${incomplete# }), but without its venv module." >&2
  echo "       On Debian and Ubuntu: apt-get install python3-venv" >&2
elif [ -n "${PYTHON:-}" ]; then
  echo "error: PYTHON=$PYTHON is no Python 3.11, 3.12 or 3.13." >&2
else
  echo "error: no Python 3.11, 3.12 or 3.13 found on the PATH." >&2
  echo "       Install one, or name it: make setup PYTHON=/path/to/python3.12" >&2
fi
exit 1
