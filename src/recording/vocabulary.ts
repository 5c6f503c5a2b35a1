/** Words that stay in a redacted run: they are the same in every cluster. All others are taken for names. */

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');

/** Names that Kubernetes and its usual parts bring along; they stay even where a name stands. */
export const COMMON_NAMES: ReadonlySet<string> = new Set(
  words(`
    kube-system kube-public kube-node-lease kube-dns kube-proxy coredns node-local-dns nodelocaldns k8s-app default kubernetes io k8s name
    metadata service-name endpointslice managed-by endpointslice-controller component kube-controller-manager kube-scheduler hostname
    http https svc pod cluster local arpa in-addr ip6 localhost
    kube-flannel-ds istio-cni-node
    policy networking cilium projectcalico org crd antrea v1 v2 v3 v1alpha1 v1alpha2 v1beta1 tier admin emergency securityops networkops platform application
    adminnetworkpolicy baselineadminnetworkpolicy kube-admin kube-baseline namespace labels serviceaccount reserved any all global has in not starts ends with contains
    lo eth0 ens3 ens4 ens5 cni0 cbr0 docker0 vxlan0 vxlan flannel cilium_host cilium_net kube-ipvs0 antrea-gw0 iptables-nft iptables-legacy iptables nftables ipvs
    netdebug nicolaka netshoot v0 16 pod-security enforce restricted baseline privileged topology zone region os arch linux amd64 arm64
  `),
);

/** What Kubernetes, the Linux tools and this tool say. Lower case. */
export const PLAIN_WORDS: ReadonlySet<string> = new Set(
  words(`
    ahosts getent tries showsearch
    a about above absent accept accepted access account action active add added address addresses admission after again against age all allow allowed already also an
    and annotation answer answered any apply are argument as ask asked assigned at attempt authoritative available away back back-off backoff bad be because been before
    begin behind being below between bind both bound bridge busy but by cache cached call can canceled cannot capabilities certificate change changed chain check class
    clear client closed cmd code command comes common completed condition config configmap configured conflict connect connected connecting connection connections
    connrefused container containers content context contains control controller could count cpu crash crashloopbackoff create created creating current curl
    daemonset data days deadline debug default defined delete deleted deleting denied deny deployment describe desired destination details dev dial did didn't differ dig directory disk
    dns do does doesn't done down drop dropped due during each echo edit either empty enable end endpoint endpoints entry env eof ephemeral ephemeralcontainers
    err error errors etc event events every exceeded except exec executable exist exists exit exited expected explain expired expose external
    fail failed failedcreate failedmount failedscheduling failing failure false family fatal few file filter find first following for forbidden force format found free from full further
    gateway get given go goes got grace group had handler handshake has have header healthy here high hold host hosts hour hours how http https i icmp id idle if ignored image
    imagepullbackoff in inactive inside install insufficient internal into invalid io ip ipv4 ipv6 is isn't issue it its itself job kill killed killing kind know known kubeconfig kubectl kubelet
    label labels last later least left less level lifecycle lifetime like limit limited limits line list listen listening literal liveness load log logs long lookup loop lost low made make
    manager map match matched matches matching maximum may mb me mem memory message method minimum minute minutes missing mode more most mount move much must
    name named names namespace namespaces nameserver nameservers nat nc ndots need needed needs net netdebug netmask network networkpolicies networkpolicy never new next no node nodes
    none nor not notfound nothing notice now null number object objects of off ok on once one only open operation option options or other others our out over own owner
    packet packets page path patch peer pending per permission permitted phase place plain pod pods policies policy poll port ports possible post preemption prefix present pressure probe
    probes problem process processing profile progress progressing properly protocol proxy pull pulled pulling put query question queue queued quota rate reach reached read readiness ready
    reason received record recursion redirect refused reject rejected release remain remote removed replace replica replicas replicaset replicasets request requested requests require required
    reset resolv resolve resolved resource resources respond response restart restarted restarting restarts result results retry return returned review revision right role rollout root route
    rule rules run running same saw say scale scaled scaledown scaleup schedule scheduled scheduler scheduling search second seconds secret see seen select selected selector send sent serve
    server service services serving session set several shall shell short should show shut signal silent since size slice slices so socket some source spec specified ss started starting
    startup state statefulset static status still stop stopped stopping stream string stuck style subject subresource succeeded success such support supported sure sync syn system tag taint taints
    take taken takes target targetport tcp tell template terminated terminating termination test text than that the their them then there these they third this those though through time timed timeout
    timestamp tls to together token tolerate tolerated too tool top total traffic transport tried true try trying turn two txt type udp unable unauthorized unavailable under unhealthy
    unknown unless unreachable unready unschedulable until up update updated updating upgrade upstream url use used user uses using valid value values verb verified version via volume volumes wait
    waited waiting wants warning was watch way web-hook webhook well were what when where whether which while who whole why wide will with within without work worker workload working workloads
    would write written wrong yaml yes yet you your
    netadmin general authorization apis api/v1 apps v1 v1beta1 rbac discovery networking coordination batch cat nslookup tcpdump wget sh conf resolv c n o p l e f t u w x z
    endpointslice endpointslices configmaps leases lease deploy deployments ds daemonsets sts statefulsets rs job jobs ns
    nxdomain noerror servfail aaaa soa cname ptr srv any-address i/o eof econnrefused
    iptables nft nftables ipvs kube forward input masquerade dnat snat prerouting postrouting ctstate dport dports sport sports iifname oifname daddr saddr meta counter numgen comment conntrack j
    cpu mem ephemeral-storage cidr cidrs bytes kb ms s m h d ttl rst ack fin seq mss win
  `),
);

/** Directives of CoreDNS's plugins that a Corefile needs to keep its meaning; see coredns.io/plugins. */
export const COREFILE_WORDS: ReadonlySet<string> = new Set(
  words(`
    acl any auto autopath azure bind block bufsize cache cancel chaos clouddns debug dns64 dnssec dnstap erratic errors etcd file forward geoip grpc health header hosts import k8s_external
    kubernetes lameduck loadbalance local log loop loopback max_concurrent max_fails metadata metrics minimal multisocket nsid policy pprof prefer_udp force_tcp prometheus quic ready reload rewrite
    root route53 secondary sign stop template timeouts tls tls_servername trace transfer tsig tunnel upstream view whoami expire health_check except pods insecure verified disabled fallthrough
    endpoint_pod_names ttl noendpoints namespaces namespace labels kubeconfig apiserver ignore empty_service multicluster round_robin random sequential success denial prefetch serve_stale
    servfail disable keepttl answer rcode match additional authority name type class edns0 exact prefix suffix substring regex auto continue combine allow filter net drop class consolidate
    resolv conf etc in-addr arpa ip6 cluster svc pod
  `),
);
