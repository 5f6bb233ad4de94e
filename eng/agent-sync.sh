#!/usr/bin/env bash
# The console, from this clone. Arguments go to it: ./eng/agent-sync.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
need_dotnet
announce_build src/Agent.Sync.Cli agent-sync
exec dotnet run -c Release --project "$root/src/Agent.Sync.Cli" -- "$@"
