#!/usr/bin/env bash
# Measures Agent.Sync beside its peers against the local backend, and writes docs/benchmarks.md with its charts. Every tool is installed into this clone.
#   eng/bench.sh --help   the options
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
cd "$root"
need_dotnet
need_node
suite=benchmarks/BenchmarkSuite/bin/Release/net10.0/BenchmarkSuite.dll

publish() { # PEER FLAVOR
  dotnet publish "benchmarks/peers/$1" -c Release -p:Flavor="$2" -o "artifacts/bench/$1-$2" -nologo -v q
}

dotnet build benchmarks/BenchmarkSuite -c Release -nologo -v q
case " $* " in
  *" --report "* | *" --help "*) exec dotnet "$suite" "$root" "$@" ;;
esac

offer_postgres || { echo "PostgreSQL is needed: install it (Debian: apt-get install postgresql) or set PGBIN" >&2; exit 1; }
offer_linker || { echo "Native compilation needs clang or gcc, and zlib's header" >&2; exit 1; }
node=benchmarks/peers/node
if [ ! "$node/node_modules/.package-lock.json" -nt "$node/package-lock.json" ]; then npm ci --prefix "$node" --loglevel=error; fi
for flavor in jit ready-to-run native; do publish agent-sync "$flavor"; done
# What an app gets from the packages: its own code is compiled as it runs, the library brings ReadyToRun images.
rm -rf artifacts/bench/agent-sync-packages
cp -r artifacts/bench/agent-sync-jit artifacts/bench/agent-sync-packages
cp artifacts/bench/agent-sync-ready-to-run/Agent.Sync.dll artifacts/bench/agent-sync-ready-to-run/Agent.Sync.Sqlite.dll artifacts/bench/agent-sync-packages
for flavor in jit native; do publish dotnet-loop "$flavor"; done
# Not every feed has this one's packages.
publish dotmim jit || { echo "Dotmim.Sync could not be restored: it is left out." >&2; rm -rf artifacts/bench/dotmim-jit; }
PSQL=$(command -v psql || ls /usr/lib/postgresql/*/bin/psql | tail -1)
export PSQL
exec dotnet "$suite" "$root" "$@"
