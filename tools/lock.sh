#!/usr/bin/env bash
# Write the locked requirements: exact versions with hashes, no addresses. With --check, say whether they are up to date.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
out=${1:-write}
folder=requirements
[ "$out" = --check ] && folder=$(mktemp -d) && cp requirements/*.txt "$folder"
compile() { # file, arguments
  local file=$1; shift
  "$uv" pip compile -q --python-version 3.12 --universal --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links --no-annotate -o "$folder/$file" "$@" >/dev/null
}
compile runtime.txt pyproject.toml
compile build.txt --group build -c "$folder/runtime.txt"
compile node.txt tools/node.in
compile dev.txt pyproject.toml --group dev --group docs -c "$folder/runtime.txt" -c "$folder/build.txt"
if [ "$out" = --check ]; then
  diff -r requirements "$folder" >/dev/null || { echo "Les versions verrouillées ne suivent plus pyproject.toml : lancez « make lock »." >&2; exit 1; }
fi
