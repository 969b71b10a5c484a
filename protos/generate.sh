#!/usr/bin/env bash
# Writes the Python code of the protos.
#
#   protos/generate.sh [DIR]     into DIR (protos/gen unless given)
#   protos/generate.sh --check   compares with protos/gen; fails when that is stale
#
# The generator is pinned low, in an environment of its own: its version is the oldest protobuf that callers may use.
set -euo pipefail
cd "$(dirname "$0")/.."
environment=.venv-protos
pins=(grpcio-tools==1.76.0 mypy-protobuf==5.1.0)

prepare() {
  if [ "$(cat "$environment/pins" 2>/dev/null)" != "${pins[*]}" ]; then
    "${PYTHON:-python3}" -m venv --clear "$environment"
    "$environment/bin/python" -m pip install --quiet "${pins[@]}"
    echo "${pins[*]}" >"$environment/pins"
  fi
}

generate() {
  mkdir -p "$1"
  PATH="$PWD/$environment/bin:$PATH" "$environment/bin/python" -m grpc_tools.protoc \
    --proto_path=protos --proto_path=protos/vendor \
    --python_out="$1" --grpc_python_out="$1" --mypy_out="quiet:$1" --mypy_grpc_out="quiet:$1" \
    protos/shortlist/v1/*.proto
  # Files without a service need no stubs.
  for proto in protos/shortlist/v1/*.proto; do
    if ! grep -q '^service ' "$proto"; then
      name=$(basename "$proto" .proto)
      rm -f "$1/shortlist/v1/${name}_pb2_grpc.py" "$1/shortlist/v1/${name}_pb2_grpc.pyi"
    fi
  done
  echo '"""Generated code of the shortlist protos."""' >"$1/shortlist/__init__.py"
  echo '"""Generated code of the package shortlist.v1."""' >"$1/shortlist/v1/__init__.py"
  touch "$1/shortlist/py.typed"
}

prepare
if [ "${1:-}" = --check ]; then
  fresh=$(mktemp -d)
  trap 'rm -rf "$fresh"' EXIT
  generate "$fresh"
  if ! diff --recursive --brief --exclude=__pycache__ protos/gen "$fresh"; then
    echo "protos/gen is stale: run protos/generate.sh" >&2
    exit 1
  fi
else
  output=${1:-protos/gen}
  rm -rf "$output/shortlist"
  generate "$output"
fi
