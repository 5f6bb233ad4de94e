#!/usr/bin/env bash
# The main job on a local backend: seeds artifacts, pulls them into a SQLite file. Arguments go to the demo.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
need_dotnet
need_node
offer_postgres || echo "PostgreSQL was not found: the local backend uses PGlite." >&2
announce_build src/Agent.Sync.Cli agent-sync
exec dotnet run -c Release --project "$root/src/Agent.Sync.Cli" -- demo "$@"
