#!/bin/sh
# Cleans up after a supervisor that was killed: its end of the pipe closes and no "done" has come.
# Lines on stdin: "pg PID", "api PID" (without a PID: it is gone), "lock FILE" (exists while PostgreSQL runs),
# "dir PATH" (to be removed), "done".
trap '' INT TERM HUP
pg= api= lock= dir=
while IFS=' ' read -r key value; do
  case $key in
    pg) pg=$value ;;
    api) api=$value ;;
    lock) lock=$value ;;
    dir) dir=$value ;;
    done) exit 0 ;;
  esac
done
[ -n "$api" ] && kill -9 "$api" 2>/dev/null
if [ -n "$pg" ]; then
  kill -QUIT "$pg" 2>/dev/null
  tries=0
  # The file, not the process: where nobody collects orphans, a dead process answers for ever.
  while [ -e "$lock" ] && [ "$tries" -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  [ -e "$lock" ] && kill -9 "$pg" 2>/dev/null
fi
[ -n "$dir" ] && rm -rf -- "$dir"
exit 0
