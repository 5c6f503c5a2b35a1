/** The incidents of `kubectl netdebug demo`: recorded on the lab, one for each typical cause, in the order in which they are offered. */
export interface Story {
  /** The name to type; the file of the recording is called the same. */
  readonly name: string;
  /** What somebody would say who has the problem. */
  readonly story: string;
}

export const STORIES: readonly Story[] = [
  { name: 'netpol-default-deny-ingress', story: 'Since the security rollout web times out on api.' },
  { name: 'selector-mismatch', story: 'After a small clean-up of labels, api refuses every connection.' },
  { name: 'dns-wrong-namespace', story: 'Billing moved to another team, and "no such host" came.' },
  { name: 'dns-coredns-down', story: 'Nothing resolves any more, nowhere, since the node upgrade.' },
  { name: 'targetport-wrong', story: 'The Service has endpoints, the Pods are Ready, and still: connection refused.' },
  { name: 'readiness-failing', story: 'The Pods of stock run, but the Service sends to none of them.' },
  { name: 'app-loopback-only', story: 'Every third request to orders is refused.' },
  { name: 'kube-proxy-down', story: 'Pods can be reached by their address, Services cannot, on one node only.' },
  {
    name: 'underlay-blocked',
    story: 'Whatever runs on node 3 cannot be reached from elsewhere, though the node is Ready.',
  },
  { name: 'netpol-peer-pod-label-mismatch', story: 'There is a policy that admits web. Web is not admitted.' },
  { name: 'dns-and-ingress-denied', story: 'Two policies at once: mending the first alone does not help.' },
  { name: 'dns-denied-and-selector', story: 'Two teams made a change each on the same evening.' },
  { name: 'healthy', story: 'Everything works: what a climb looks like when nothing is wrong.' },
];
