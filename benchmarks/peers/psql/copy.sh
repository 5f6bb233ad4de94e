#!/usr/bin/env bash
# Reads every row with psql's \copy, as the database's owner: no HTTP, no row-level security, nothing kept. Arguments: a verb, which is always drain, and a job.
set -euo pipefail
database=$(sed -n 's/.*"database":"\([^"]*\)".*/\1/p' "$2")
exec "${PSQL:-psql}" "$database" -q -c '\copy (select id, type, name, content, metadata, version, owner_id, updated_at, deleted_at from public.artifacts) to /dev/null'
