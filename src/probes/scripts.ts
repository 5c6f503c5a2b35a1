/** Questions that one tool alone does not answer, as shell scripts. Each prints lines that a reader of its own takes apart. */

/** Seconds that one of many connections may take: a lost SYN is sent again after 1 s, see tcp(7). */
export const TRY_LIMIT_S = 3;
/** A server with a small accept queue must not be flooded by us. */
export const TRIES_AT_ONCE = 5;

/** A request for `/` from `$host`, with a header of `$pad` bytes that nobody reads. */
export const ASK = `ask() { printf 'GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n' "$host"; [ "$pad" -eq 0 ] || { printf 'X-Netdebug-Padding: '; head -c "$pad" /dev/zero | tr '\\0' x; printf '\\r\\n'; }; printf '\\r\\n'; }`;

/**
 * `sizes ADDRESS PORT SCHEME HOST PADDING`: the same request twice, as usual and with TCP_MAXSEG 536 on our socket, which bounds
 * what both ends send (tcp(7)). Meanwhile pings that must not be broken up, eight sizes at a time, to find the largest that passes.
 */
export const SIZES = `a=$1 p=$2 scheme=$3 host=$4 pad=$5 to=$1 ip=20
case $a in *:*) to="[$a]" ip=40;; esac
command -v socat >/dev/null || exit 127
${ASK}
get() { local kind=TCP more=; [ "$scheme" = https ] && kind=OPENSSL more=,verify=0
ask | { timeout 4 socat -t4 - "$kind:$to:$p,connect-timeout=2,shut-none$more$2" 2>/dev/null; echo $? >"$3"; } | wc -c | { read -r n; echo "$1 $n $(cat "$3")"; }; rm -f "$3"; }
sizes() { local low=100 high=$1 size round state; for round in 1 2 3 4; do
state=$(for size in $low $(for i in 1 2 3 4 5 6 7 8; do echo $((low + (high - low) * i / 8)); done); do
{ said=$(ping -n -q -c2 -i0.2 -W0.8 -M do -s $((size - ip - 8)) "$a" 2>&1); code=$?; case $said in *"too long"*|*"needed"*|*"too big"*) code=3;; esac; echo "ping $size $code"; } & done; wait)
echo "$state"; set -- $(echo "$state" | awk '$3 == 0 && $2 > low { low = $2 } END { print low + 0 }'); local ok=$1
[ "$ok" -gt 0 ] || return; set -- $(echo "$state" | awk -v ok="$ok" '$3 != 0 && $2 > ok && (!high || $2 < high) { high = $2 } END { print high + 0 }')
[ "$1" -gt 0 ] || return; low=$ok high=$1; [ $((high - low)) -gt 1 ] || return; done; }
f=$ND_TMP/.netdebug-size-$$
mtu=$(ip -o route get "$a" 2>/dev/null | sed -n 's/.*\\bmtu \\([0-9]*\\).*/\\1/p')
[ -n "$mtu" ] || mtu=$(cat "/sys/class/net/$(ip -o route get "$a" 2>/dev/null | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')/mtu" 2>/dev/null)
echo "mtu \${mtu:-0}"
get usual "" $f.usual & get small ,mss=536 $f.small &
sizes "\${mtu:-1500}" &
sleep 1.5; ss -Htin state established dst "$to" 2>/dev/null | grep -v 'mss:5[0-3][0-9]' | grep -A1 ":$p" | tr -s '\\n\\t ' ' ' | sed 's/^/socket /'; echo
wait`;

/**
 * `tries ADDRESS PORT TIMES ping|no-ping`: five connections at a time; it stops when the first five get nothing. Pings beside them, and
 * the kernel's count of SYNs that were sent again: on a busy machine everything takes long, and nothing is lost.
 */
export const TRIES = `syn() { awk '/^TcpExt:/ { if (!n++) split($0, names); else for (i = 2; i <= NF; i++) if (names[i] == "TCPSynRetrans") print "syn", $i }' /proc/net/netstat; }
syn; count() { ping -n -q -c 20 -i 0.2 -W 1 "$2" 2>/dev/null | sed -n "s/^\\([0-9]*\\) packets transmitted, \\([0-9]*\\) .*/$1 \\1 \\2/p"; }
if [ "$4" = ping ]; then count ping "$1" & gw=$(ip -o route show default 2>/dev/null | sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | head -n 1); [ -n "$gw" ] && count gateway "$gw" & fi
one() { local start=$EPOCHREALTIME said code; said=$(nc -zv -w ${TRY_LIMIT_S} "$1" "$2" 2>&1 </dev/null); code=$?; said=\${said//$'\\n'/ }; echo "try $code $start $EPOCHREALTIME \${said:0:200}"; }
good=0; for ((i = 0; i < $3; i += ${TRIES_AT_ONCE})); do
said=$(for ((j = i; j < i + ${TRIES_AT_ONCE} && j < $3; j++)); do one "$1" "$2" & done; wait); echo "$said"
case $said in *"try 0 "*) good=1;; esac; [ $good = 1 ] || break; done; syn; wait`;

/**
 * `idle ADDRESS PORT HOST SECONDS…`: a connection for each time, all at once. Each says nothing for so long, is looked at for an end (FIN)
 * that came meanwhile, then asks; where nothing comes, a new connection asks at once. One line each: time, outcome, whether the new one works.
 */
export const IDLE = `LC_ALL=C a=$1 p=$2 host=$3; shift 3; trap '' PIPE
ask() { printf 'GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n' "$host" >&3; }
hear() { local line code; IFS= read -r -t 4 -u 3 line; code=$?; [ $code = 0 ] && return 0; [ $code -gt 128 ] && return 1; return 2; }
fresh() { exec 3>&-; timeout 3 bash -c 'exec 3<>"/dev/tcp/$1/$2"; printf "GET / HTTP/1.1\\r\\nHost: %s\\r\\nConnection: close\\r\\n\\r\\n" "$3" >&3; IFS= read -r line <&3' fresh "$a" "$p" "$host" 2>/dev/null && echo yes || echo no; }
hold() { local s=$1 code; { exec 3<>"/dev/tcp/$a/$p"; } 2>/dev/null || { echo "hold $s unconnected no"; return; }
sleep "$s"; if [ "$s" -gt 0 ]; then IFS= read -r -t 0.1 -u 3 -n 1 code; code=$?; [ $code -le 128 ] && { echo "hold $s closed $(fresh)"; return; }; fi
ask; hear; case $? in 0) echo "hold $s answered yes";; 1) echo "hold $s silent $(fresh)";; *) echo "hold $s reset $(fresh)";; esac; }
for s in "$@"; do hold "$s" 2>/dev/null & done; wait`;

/** `udp ADDRESS PORT`: an empty line in a datagram, three times in all: an ICMP error is told by the next use of the socket (udp(7)). */
export const UDP = `exec 3<>"/dev/udp/$1/$2" || exit 1
start=$EPOCHREALTIME
for i in 1 2 3; do printf '\\n' >&3 || { echo "error"; exit 0; }
if IFS= read -r -t 0.5 -u 3 -N 1 answer; then echo "answer"; exit 0; elif [ $? -le 128 ]; then { read -r -t 0.1 -u 3 answer; } 2>&1; echo "closed"; exit 0; fi; done
echo "silent $start $EPOCHREALTIME"`;

/** `pod-network ADDRESS`: links, routes, neighbours, ports of this network namespace, in sections that begin with `@@`. Read only. */
export const POD_NETWORK = `a=$1
gw=$(ip -o route show default 2>/dev/null | sed -n 's/.* via \\([^ ]*\\).*/\\1/p' | head -n 1)
count() { ping -n -q -c 3 -i 0.2 -W 1 "$1" 2>/dev/null | sed -n 's/^\\([0-9]*\\) packets transmitted, \\([0-9]*\\) .*/\\1 \\2/p'; }
said=$([ -n "$gw" ] && count "$gw")
echo @@link; ip -o link 2>&1
echo @@route; ip route 2>&1; ip -6 route show default 2>/dev/null
echo @@get; ip -o route get "$a" 2>&1 | head -n 1
echo @@gateway; ip -o route show default 2>/dev/null | head -n 1
echo @@ping; echo "$said"
echo @@neigh; [ -n "$gw" ] && ip neigh show "$gw" 2>/dev/null
echo @@owners; dev=$(ip -o route get "$a" 2>/dev/null | grep -v ' via ' | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p'); case $dev in ''|lo) ;; *)
if command -v arping >/dev/null; then arping -b -c 4 -w 2 -I "$dev" "$a" 2>&1; elif command -v nping >/dev/null; then nping --arp -c 4 --delay 200ms -e "$dev" "$a" 2>&1; fi;; esac
echo @@range; cat /proc/sys/net/ipv4/ip_local_port_range 2>/dev/null
echo @@used; ss -Htan 2>/dev/null | awk '$1 != "LISTEN" { n[$5]++ } END { for (to in n) print n[to], to }' | sort -rn | head -n 5`;

/** `accept-queue ADDRESS PORT`: the counters, the socket, three connections from inside, the counters again. */
export const ACCEPT_QUEUE = `a=$1 p=$2
echo @@before; grep '^TcpExt:' /proc/net/netstat
echo @@socket; ss -Htln "sport = :$p" 2>/dev/null
echo @@inside; for i in 1 2 3; do { nc -z -w 2 "$a" "$p" >/dev/null 2>&1 </dev/null; echo "try $?"; } & done; wait
echo @@after; grep '^TcpExt:' /proc/net/netstat`;

export const UDP_COUNTERS = `grep '^Udp:' /proc/net/snmp; grep -E '^Udp6(InDatagrams|NoPorts) ' /proc/net/snmp6 2>/dev/null; ss -Hlun 2>/dev/null`;

/** Packets that one capture keeps, and bytes of each: enough for the headers, also inside VXLAN, and together less than a probe may print. */
export const CAPTURE_PACKETS = 300;
const CAPTURE_BYTES = 128;
/** Seconds after which a capture ends by itself when nobody ends it. */
const CAPTURE_LIMIT_S = 20;

/**
 * `capture-start FILTER`: a capture that goes on after the script has ended, which it does once the capture listens. One at a time in each
 * session, whose shell names its files.
 */
export const CAPTURE_START = `f=$ND_TMP/.netdebug-flow-$ND_SESSION
command -v tcpdump >/dev/null || exit 127
timeout ${CAPTURE_LIMIT_S} tcpdump -i any --immediate-mode -n -U -s ${CAPTURE_BYTES} -c ${CAPTURE_PACKETS} -w "$f" "$1" >/dev/null 2>"$f.err" </dev/null &
echo $! >"$f.pid"; n=0
while kill -0 $! 2>/dev/null && [ $n -lt 400 ]; do case "$(cat "$f.err" 2>/dev/null)" in *listening*) echo listening; exit 0;; esac; n=$((n+1)); sleep 0.01; done
cat "$f.err"; kill $! 2>/dev/null; rm -f "$f" "$f.err" "$f.pid"; exit 1`;

/** Ends the capture and prints it with the names of devices. Its last words tell that the file is complete. */
export const CAPTURE_END = `f=$ND_TMP/.netdebug-flow-$ND_SESSION
[ -s "$f.pid" ] || exit 1
echo @@early; grep ' captured' "$f.err"
kill -TERM "$(cat "$f.pid")" 2>/dev/null
echo @@link; ip -o link 2>/dev/null | awk -F': ' '{ sub(/@.*/, "", $2); print $1, $2 }' | head -n 300
echo @@tunnel; ip -o link show type vxlan 2>/dev/null | awk -F': ' '{ sub(/@.*/, "", $2); print $2 }' | head -n 8
n=0; while [ $n -lt 200 ]; do case "$(cat "$f.err" 2>/dev/null)" in *" captured"*) break;; esac; n=$((n+1)); sleep 0.01; done
echo @@said; grep -E ' captured| dropped' "$f.err"
echo @@pcap; base64 <"$f"
rm -f "$f" "$f.err" "$f.pid"`;

/** Ends a capture that nobody will ask for any more; for the shell of the session itself. */
export const CAPTURE_STOP = `[ -s "$ND_TMP/.netdebug-flow-$$.pid" ] && { kill "$(cat "$ND_TMP/.netdebug-flow-$$.pid")"; rm -f "$ND_TMP/.netdebug-flow-$$" "$ND_TMP/.netdebug-flow-$$".*; } 2>/dev/null`;
