#!/bin/bash
# Fills a containerd store with images, once, at build time: the nodes of every lab then start with it (node-init.sh).
# Runs in mount, pid and network namespaces of its own:   store.sh LOWER-DIR WORK-DIR OUT-DIR IMAGE.tar...
#   OUT/content        blobs: lower layer of each node's content store
#   OUT/snapshots/N    unpacked layers: bind-mounted read-only
#   OUT/db             everything else (two small databases): copied
set -euo pipefail
lower=$1 W=$2 out=$3; shift 3
R=$W/root C=$W/root/var/lib/containerd
mount -t tmpfs -o mode=755 store "$W"; mkdir -p "$R" "$W/upper" "$W/work"
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$W/upper,workdir=$W/work" "$R"
mkdir -p "$R"/{proc,dev,run,tmp,var/lib/containerd,images}
mount -t proc proc "$R/proc"; mount -t tmpfs dev "$R/dev"; mount -t tmpfs run "$R/run"; mount -t tmpfs containerd "$C"
for d in null zero urandom; do touch "$R/dev/$d"; mount --bind "/dev/$d" "$R/dev/$d"; done
printf 'version = 2\noom_score = 0\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n' > "$R/tmp/config.toml"
chroot "$R" /usr/bin/containerd --config /tmp/config.toml & pid=$!
for _ in $(seq 100); do chroot "$R" /usr/bin/ctr version > /dev/null 2>&1 && break; sleep 0.1; done
for i in "$@"; do chroot "$R" /usr/bin/ctr -n k8s.io images import - < "$i"; done
kill "$pid"; wait "$pid" || true
rm -rf "$out"; mkdir -p "$out/db"
cp -a "$C/io.containerd.content.v1.content" "$out/content"
cp -a "$C/io.containerd.snapshotter.v1.overlayfs/snapshots" "$out/snapshots"
for d in io.containerd.metadata.v1.bolt/meta.db io.containerd.snapshotter.v1.overlayfs/metadata.db; do
  mkdir -p "$out/db/${d%/*}"; cp "$C/$d" "$out/db/$d"
done
