# What the machine must have. `lab check` only looks; `build` and `up` install Debian packages when they are root and there is apt.
GO_MINOR=26 NODE_MAJOR=20
# program=Debian package; nft, tc and jq are for faults and tests
PROGRAMS=(mmdebstrap=mmdebstrap gcc=gcc tar=tar flock=util-linux nsenter=util-linux unshare=util-linux mount=mount ip=iproute2 bridge=iproute2 tc=iproute2
  sysctl=procps openssl=openssl curl=curl iptables-nft=iptables nft=nftables jq=jq)

missing_packages() {
  local x
  { for x in "${PROGRAMS[@]}"; do command -v "${x%%=*}" > /dev/null || echo "${x#*=}"; done
    ! command -v gcc > /dev/null || [ -e "$(gcc -print-file-name=libc.a)" ] || echo libc6-dev
    command -v gcc > /dev/null || echo libc6-dev
  } | sort -u | xargs
}
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; }

# one line per thing that is missing and that the lab cannot get by itself
missing() {
  local v pk c
  [ "$(uname -s)" = Linux ] || { echo "Linux: the nodes are made of network, mount and pid namespaces; this is $(uname -s)"; return; }
  [ "$(id -u)" = 0 ] || echo "root: namespaces, mounts and nftables need it; this is user $(id -un 2> /dev/null || id -u)"
  if ! command -v go > /dev/null; then echo "Go 1.$GO_MINOR or newer: builds Kubernetes and CoreDNS; no 'go' on PATH"
  else
    v=$(GOTOOLCHAIN=local go env GOVERSION 2> /dev/null)
    [[ $v =~ ^go1\.([0-9]+) && ${BASH_REMATCH[1]} -ge $GO_MINOR ]] || echo "Go 1.$GO_MINOR or newer: builds Kubernetes and CoreDNS; 'go' is ${v:-not usable}"
  fi
  v=$(node --version 2> /dev/null) || true
  [[ $v =~ ^v([0-9]+) && ${BASH_REMATCH[1]} -ge $NODE_MAJOR ]] || echo "Node $NODE_MAJOR or newer: packs the images; 'node' is ${v:-missing}"
  pk=$(missing_packages)
  if [ -n "$pk" ] && ! command -v apt-get > /dev/null; then echo "these Debian packages, and there is no apt-get to install them: $pk"
  elif [ -n "$pk" ] && [ "$(id -u)" != 0 ]; then echo "these Debian packages, which only root can install: $pk"; fi
  [ -e "$NODE_ROOT" ] || [ -n "$(mirror)" ] || echo "a Debian mirror: none in apt's sources; set MIRROR to one"
  [ "$(id -u)" = 0 ] || return 0
  for c in memory cpu cpuset pids; do
    grep -qE "[:,]${c}[,:]" /proc/self/cgroup || grep -qw "$c" /sys/fs/cgroup/cgroup.controllers 2> /dev/null || echo "cgroup controller '$c': the kubelet needs it"
  done
  ! command -v unshare > /dev/null || unshare --mount --uts --ipc --net --pid --cgroup --fork true 2> /dev/null || { echo "the right to make namespaces (CAP_SYS_ADMIN): a container needs --privileged for that"; return 0; }
  # in a network namespace that ends with this command
  [ -n "$pk" ] || for c in "bridge" "veth" "vxlan id 1 dstport 4789"; do
    # shellcheck disable=SC2086
    unshare --net ip link add x0 type $c 2> /dev/null || echo "kernel support for network devices of type ${c%% *}"
  done
  grep -qw overlay /proc/filesystems || modprobe -qn overlay 2> /dev/null || echo "kernel support for overlay file systems"
}

# lab check: 0 = the lab can run here, 3 = it cannot. Changes nothing.
check() {
  local out pk
  out=$(missing)
  if [ -n "$out" ]; then sed 's/^/missing: /' <<< "$out"; return 3; fi
  pk=$(missing_packages)
  [ -z "$pk" ] || echo "will be installed with apt: $pk"
}

# Says what is missing, all at once, and ends; installs what apt can bring.
need() {
  local out pk log=$LAB/apt.log
  out=$(missing); [ -z "$out" ] || { sed 's/^/lab: missing: /' <<< "$out" >&2; exit 3; }
  pk=$(missing_packages); [ -n "$pk" ] || return 0
  step "installing Debian packages: $pk"; mkdir -p "$LAB"
  apt_install() { # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -y --no-install-recommends $pk > "$log" 2>&1 < /dev/null; }
  apt_install || { apt-get -o DPkg::Lock::Timeout=120 update > "$log.update" 2>&1 && apt_install; } || { tail -5 "$log" >&2; die "apt-get could not install: $pk (log: $log)"; }
  hash -r; pk=$(missing_packages); [ -z "$pk" ] || die "still missing after apt-get install: $pk (log: $log)"
}
