#!/usr/bin/env bash
# Extract the sentences that people read into the catalogues, and compile their translations (--check: only look).
set -euo pipefail
cd "$(dirname "$0")/.."
exec .venv/bin/python tools/messages.py "$@"
