import { describe, expect, it } from 'vitest';
import { answer, type Known, listingsFor, protocolText, type Row, readWords } from '../../src/cli/completion.ts';

const row = (namespace: string, cells: Record<string, string>): Row => ({ namespace, cells });

const KNOWN: Known = {
  rows: {
    Pod: [
      row('', { Name: 'web-7d4', Ready: '1/1', Status: 'Running' }),
      row('', { Name: 'db-0', Ready: '0/1', Status: 'CrashLoopBackOff' }),
      row('', { Name: 'version', Ready: '1/1', Status: 'Running' }),
    ],
    Deployment: [row('', { Name: 'web', Ready: '2/3' })],
    DaemonSet: [row('', { Name: 'agent', Desired: '3', Ready: '2' })],
    Job: [row('', { Name: 'import', Completions: '0/1' })],
    Service: [
      row('shop', {
        Name: 'api',
        Type: 'NodePort',
        'Cluster-IP': '10.96.0.7',
        'Port(s)': '80:30080/TCP,443:30443/TCP',
      }),
      row('kube-system', { Name: 'dns', Type: 'ClusterIP', 'Cluster-IP': '10.96.0.10', 'Port(s)': '53/UDP,53/TCP' }),
      row('shop', { Name: 'outside', Type: 'ExternalName', 'Cluster-IP': '<none>', 'Port(s)': '<none>' }),
    ],
    Namespace: [row('', { Name: 'shop', Status: 'Active' }), row('', { Name: 'old', Status: 'Terminating' })],
    Node: [row('', { Name: 'n1', Status: 'Ready' })],
  },
  contexts: [{ name: 'prod', cluster: 'eu-1' }],
  clusters: ['eu-1'],
  users: ['me'],
  findings: { 'selector-mismatch': 'The selector matches no Pod', 'app-hung': 'The application hangs' },
};

/** What is offered behind `kubectl netdebug`; the last word is being typed. */
function offered(...words: string[]): string[] {
  return answer(readWords(words), KNOWN).candidates.map(({ text, about }) =>
    about === undefined ? text : `${text} — ${about}`,
  );
}

describe('the first word', () => {
  it('is a Pod, a workload or a sub-command, with its state', () => {
    expect(offered('')).toEqual([
      'check — are the flows of a file as expected',
      'cleanup — what earlier runs left in the cluster',
      'db-0 — Pod, 0/1 ready, CrashLoopBackOff',
      'demo — recorded incidents, without a cluster',
      'deploy/web — Deployment, 2/3 ready',
      'diff — what changed between two recorded runs',
      'ds/agent — DaemonSet, 2/3 ready',
      'explain — what a finding means',
      'permissions — the rights a level of access may use',
      'pod/version — Pod, 1/1 ready, Running',
      'policy — what may reach a Pod and what it may reach',
      'version — the version',
      'web-7d4 — Pod, 1/1 ready, Running',
    ]);
  });

  it('has to begin with what is typed', () => {
    expect(offered('we')).toEqual(['web-7d4 — Pod, 1/1 ready, Running']);
  });

  it('keeps the kind as it was typed', () => {
    expect(offered('deployments/')).toEqual(['deployments/web — Deployment, 2/3 ready']);
    expect(offered('job/')).toEqual(['job/import — Job, 0/1 complete']);
  });

  it('takes a namespace behind a dot', () => {
    expect(offered('web.')).toEqual(['web.old — Terminating', 'web.shop — Active']);
  });

  it('is not a Service', () => {
    expect(listingsFor(readWords(['svc/']), 'shop')).toEqual([]);
  });
});

describe('the second word', () => {
  it('is a Service with each of its ports, or a Pod', () => {
    expect(offered('web', '')).toEqual([
      'api:80 — Service NodePort 10.96.0.7, TCP',
      'api:443 — Service NodePort 10.96.0.7, TCP',
      'dns:53 — Service ClusterIP 10.96.0.10, UDP and TCP',
      'outside — Service ExternalName <none>',
      'pod/db-0 — Pod, 0/1 ready, CrashLoopBackOff',
      'pod/version — Pod, 1/1 ready, Running',
      'pod/web-7d4 — Pod, 1/1 ready, Running',
    ]);
  });

  it('takes a port behind a colon', () => {
    expect(offered('web', 'api:4')).toEqual(['api:443 — Service NodePort 10.96.0.7, TCP']);
  });

  it('takes a namespace behind a dot, of those that have such a Service', () => {
    expect(offered('web', 'api.')).toEqual([
      'api.shop:80 — Service NodePort 10.96.0.7, TCP',
      'api.shop:443 — Service NodePort 10.96.0.7, TCP',
    ]);
  });

  it('takes a kind', () => {
    expect(offered('web', 'svc/d')).toEqual(['svc/dns:53 — Service ClusterIP 10.96.0.10, UDP and TCP']);
    expect(offered('web', 'node/')).toEqual(['node/n1 — Ready']);
  });

  it('is an id behind explain', () => {
    expect(offered('explain', 's')).toEqual(['selector-mismatch — The selector matches no Pod']);
  });

  it('is an incident behind demo', () => {
    expect(offered('demo', 'h')).toEqual(['healthy']);
  });

  it('is the last', () => {
    expect(offered('web', 'api', '')).toEqual([]);
    expect(offered('version', '')).toEqual([]);
  });
});

describe('flags', () => {
  it('are offered by name, once', () => {
    expect(offered('--plain', '--p')).toEqual([
      '--pcap — keep the packets of a lost connection in DIR; from --access backend on',
      '--port — port number or Service port name; the same as :PORT behind the destination',
      '--profile — rights of the debug container; auto takes the strongest the namespace admits',
      "--protocol — default: the Service's, else tcp",
    ]);
    expect(offered('-n', 'shop', '--name')).toEqual([]);
  });

  it('have their values, behind a space or an equals sign', () => {
    expect(offered('--access', '')).toEqual(['api', 'backend', 'node', 'source']);
    expect(offered('--access=s')).toEqual(['source']);
    expect(offered('web', 'api', '--color', 'a')).toEqual(['always', 'auto']);
  });

  it('name what the kubeconfig and the cluster have', () => {
    expect(offered('--context', '')).toEqual(['prod — cluster eu-1']);
    expect(offered('--cluster=')).toEqual(['eu-1']);
    expect(offered('--user', '')).toEqual(['me']);
    expect(offered('-n', 's')).toEqual(['shop — Active']);
    expect(offered('-yn', 's')).toEqual(['shop — Active']);
  });

  it('leave files to the shell', () => {
    expect(protocolText(answer(readWords(['--kubeconfig', '']), KNOWN))).toBe(':0\n');
  });

  it('are not looked for behind --', () => {
    expect(offered('--', '--')).toEqual([]);
  });
});

describe('what is listed', () => {
  const kinds = (...words: string[]) =>
    listingsFor(readWords(words), 'default').map(({ kind, namespace }) => `${kind} in ${namespace}`);

  it('is in the namespace of the flag, of the source, or of the context', () => {
    expect(kinds('')).toEqual([
      'Pod in default',
      'Deployment in default',
      'StatefulSet in default',
      'DaemonSet in default',
    ]);
    expect(kinds('-n', 'shop', 'web', '')).toEqual(['Service in shop', 'Pod in shop']);
    expect(kinds('--namespace=shop', 'web', '')).toEqual(['Service in shop', 'Pod in shop']);
    expect(kinds('-n', 'shop', 'web.data', '')).toEqual(['Service in data', 'Pod in data']);
  });

  it('is one kind when one was typed, and every namespace behind a dot', () => {
    expect(kinds('sts/')).toEqual(['StatefulSet in default']);
    expect(kinds('web', 'api.')).toEqual(['Service in null']);
  });

  it('is nothing for what needs no cluster', () => {
    expect(kinds('explain', '')).toEqual([]);
    expect(kinds('--output', '')).toEqual([]);
    expect(kinds('--con')).toEqual([]);
  });
});

describe('the protocol', () => {
  it('is a candidate a line, a tab, what it is about, and the directive last', () => {
    expect(protocolText(answer(readWords(['web', 'dns']), KNOWN))).toBe(
      'dns:53\tService ClusterIP 10.96.0.10, UDP and TCP\n:4\n',
    );
  });

  it('keeps names of a kubeconfig on their line', () => {
    const known = { contexts: [{ name: 'a\tb\nc', cluster: '\u001b[31m' }] };
    expect(protocolText(answer(readWords(['--context', '']), known))).toBe('a b c\tcluster  [31m\n:4\n');
  });
});
