#!/usr/bin/env bash
# Run tests on a PostgreSQL server of their own, made for them and thrown away: tools/postgresql.sh [pytest arguments]
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
if [ -z "$bin" ]; then
  echo "PostgreSQL n'est pas installé ici : ces essais sont passés (Debian : apt install postgresql)." >&2
  exit 0
fi
folder=$(mktemp -d)
as() { if [ "$(id -u)" = 0 ]; then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$folder"
stop() { as "$bin/pg_ctl" -D "$folder/data" -m immediate -s stop || true; rm -rf "$folder"; }
trap stop EXIT
as "$bin/initdb" -D "$folder/data" -U ressort -A trust -E UTF8 --no-sync >/dev/null
# reached by its socket alone: no port to be taken
as "$bin/pg_ctl" -D "$folder/data" -s -w -l "$folder/log" -o "-k $folder -c listen_addresses= -c fsync=off" start
export PGHOST=$folder RESSORT_DATABASE=postgresql://ressort@/postgres
if [ $# -eq 0 ]; then
  set -- -q tests/core/accounts tests/core/fleet tests/core/intake tests/core/jobs tests/core/journal tests/core/notify tests/services
fi
.venv/bin/python -m pytest -n 2 --dist loadfile "$@"
