#!/usr/bin/env bash
# The sample console. Arguments go to it: ./eng/agent-sync.sh --help
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
need_dotnet
exec dotnet run -c Release --project "$root/samples/QuickStart" -- "$@"
