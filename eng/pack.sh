#!/usr/bin/env bash
# Packs everything that is published, into artifacts/packages. The packages of Agent.Sync and its SQLite store carry ReadyToRun images beside
# the IL, so that an app starts faster without doing anything; see docs/adr/0043-fast-in-a-fresh-process.md.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/eng/requirements.sh"
cd "$root"
need_dotnet

platforms="linux-x64 linux-arm64 osx-arm64 win-x64"
images="$root/artifacts/precompiled"
packages="$root/artifacts/packages"
rm -rf "$images" "$packages"

# The console has both assemblies. It gets a lock file of its own, since that of the repository knows no platform.
for platform in $platforms; do
  dotnet publish src/Agent.Sync.Cli -c Release -r "$platform" --self-contained false -o "$images/$platform" \
    -p:PublishReadyToRun=true -p:UseAppHost=false -p:NuGetLockFilePath=obj/precompile.lock.json -v quiet -nologo
done

for project in src/*/*.csproj; do
  case $project in *Supabase*) continue ;; esac
  dotnet pack "$project" -c Release -o "$packages" -p:PrecompiledImages="$images" -v quiet -nologo
done

for package in "$packages"/Agent.Sync.[0-9]*.nupkg "$packages"/Agent.Sync.Sqlite.Core.*.nupkg; do
  for platform in $platforms; do
    unzip -l "$package" | grep -q "runtimes/$platform/lib/net10.0/" || { echo "$package has no image for $platform" >&2; exit 1; }
  done
done
ls -l "$packages"
