#!/bin/bash
# Two labs with different prefixes and the same addresses at the same time: each answers, a Pod of one is not in the other, and
# `down` of one leaves the other alone. Uses the prefixes ${P}a and ${P}b. Exit status: number of failures.
set -uo pipefail
HERE=$(cd "$(dirname "$0")/.." && pwd) L=$HERE/lab; . "$HERE/lib/common.sh"
a=${P}a b=${P}b fails=0
ok() { if [ "$2" = "$3" ]; then echo "ok    $1"; else echo "WRONG $1: '$2', not '$3'"; fails=$((fails + 1)); fi; }
ready() { P=$1 "$L" kubectl get nodes --no-headers 2> /dev/null | awk '$2 == "Ready" {print $1}' | xargs; }
trap 'P=$a "$L" down; P=$b "$L" down' EXIT
P=$a "$L" up --nodes 2 & first=$!
P=$b "$L" up --nodes 2 --proxy-mode nftables & second=$!
wait $first; ok "first up" $? 0
wait $second; ok "second up" $? 0
ok "nodes of the first" "$(ready "$a")" "$a-n1 $a-n2"
ok "nodes of the second" "$(ready "$b")" "$b-n1 $b-n2"
P=$a "$L" kubectl run only --image=localhost/app:1 --image-pull-policy=Never > /dev/null
P=$a "$L" kubectl wait --for=condition=Ready pod/only --timeout=30s > /dev/null
ok "a Pod of the first answers there" "$(P=$a "$L" kubectl exec only -- wget -qO- 127.0.0.1:8080)" only
ok "and is not in the second" "$(P=$b "$L" kubectl get pod --no-headers 2> /dev/null | wc -l)" 0
P=$a "$L" down
ok "the second goes on" "$(ready "$b")" "$b-n1 $b-n2"
ok "its DNS answers" "$(P=$b "$L" node 2 dig +short +time=2 kubernetes.default.svc.cluster.local @10.96.0.10)" 10.96.0.1
echo "$fails wrong"; exit $fails
