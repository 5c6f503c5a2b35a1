#!/bin/bash
# kill -9 of `lab up` (its whole process group, or itself alone) at several moments: `down` must leave nothing, and `up` must come up directly.
#   P=prefix tests/kill9.sh [SECONDS...]     moments of the kill; default 0.7, 2, 5 and two random ones
# The lab P must not be up. Exit status: number of failures.
set -uo pipefail
HERE=$(cd "$(dirname "$0")/.." && pwd) L=$HERE/lab; . "$HERE/lib/common.sh"
[ ! -e "$S" ] || die "lab '$P' exists: choose another P"
"$L" build || exit 99
fails=0
ok() { if [ -z "$2" ]; then echo "ok    $1"; else echo "WRONG $1: $2"; fails=$((fails + 1)); fi; }

# the ended ones that PID 1 of the machine has not reaped yet are no longer processes of ours
in_cgroups() { local p s; for p in $(all_in_cgroups); do s=$(awk '/^State:/ {print $2}' "/proc/$p/status" 2> /dev/null) && [ "$s" != Z ] && echo "$p"; done; }
all_in_cgroups() { grep -lE "/$P-n[0-9]" /proc/[0-9]*/cgroup 2> /dev/null | cut -d/ -f3; }
# the namespaces of this lab: those with a name, and those of the processes in its cgroups; never the caller's
namespaces() {
  local p k
  { for p in /run/netns/"$P"-*; do [ ! -e "$p" ] || echo "net:[$(stat -Lc %i "$p")]"; done
    for p in $(in_cgroups); do for k in net mnt pid uts ipc; do readlink "/proc/$p/ns/$k"; done; done 2> /dev/null
  } | grep -vxFf <(readlink /proc/$$/ns/*) | sort -u
}
# whatever is left, one word per thing; $1 = a file with the namespaces seen before
left() {
  local p n
  ip netns list | awk -v p="^$P-" '$1 ~ p {print "netns:" $1}'
  for p in $(in_cgroups); do echo "process-in-cgroup:$p"; done
  find /sys/fs/cgroup -type d -name "$P-n[0-9]*" -printf 'cgroup:%p\n' 2> /dev/null
  cat /proc/[0-9]*/mountinfo 2> /dev/null | grep -E "$S/|netns/$P-" | awk '{print "mount:" $5}' | sort -u
  for p in /proc/[0-9]*; do
    [ "${p#/proc/}" != $$ ] || continue
    for n in net mnt pid; do n=$(readlink "$p/ns/$n" 2> /dev/null) && grep -qxF "$n" "$1" && echo "process-in-namespace:${p#/proc/}"; done
    tr '\0' ' ' 2> /dev/null < "$p/cmdline" | grep -qE "$S/|netns/$P-|$P-n[0-9]" && echo "process:${p#/proc/}"
  done
  [ ! -e "$S" ] || echo "state:$S"
}
seen=$(mktemp); trap 'rm -f "$seen"' EXIT

round() { # seconds group|alone down|up
  local up what
  setsid "$L" up > /dev/null 2>&1 & up=$!
  sleep "$1"; namespaces > "$seen"
  if [ "$2" = group ]; then kill -KILL -- "-$up"; else kill -KILL "$up"; fi 2> /dev/null
  wait "$up" 2> /dev/null; what="kill -9 ($2) after $1 s, $(wc -l < "$seen") namespaces"
  namespaces >> "$seen"
  if [ "$3" = up ]; then
    "$L" up > /dev/null 2>&1; ok "$what: up again" "$([ "$("$L" kubectl get nodes --no-headers 2>&1 | awk '$2 == "Ready"' | wc -l)" = 3 ] || echo 'not 3 Ready nodes')"
    namespaces >> "$seen"
  fi
  "$L" down > /dev/null 2>&1; ok "$what: down leaves nothing" "$(left "$seen" | sort -u | head -20 | xargs)"
}
times=("$@"); [ $# -gt 0 ] || times=(0.7 2 5 $((RANDOM % 7 + 6)).$((RANDOM % 10)) $((RANDOM % 7 + 6)).$((RANDOM % 10)))
i=0
for t in "${times[@]}"; do i=$((i + 1)); round "$t" "$([ $((i % 2)) = 1 ] && echo group || echo alone)" down; done
round "$((RANDOM % 8 + 1)).$((RANDOM % 10))" group up
round "$((RANDOM % 8 + 1)).$((RANDOM % 10))" alone up
round 30 group down        # killed when already up: the lab of course goes on, and down takes it away
echo "$fails wrong"; exit $fails
