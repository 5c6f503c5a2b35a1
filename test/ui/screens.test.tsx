import { renderToString } from 'ink';
import { describe, expect, it } from 'vitest';
import type { LogLine } from '../../src/report/log.ts';
import { ClimbScreen } from '../../src/ui/ClimbScreen.tsx';
import { ConsentScreen } from '../../src/ui/ConsentScreen.tsx';
import { FailedScreen } from '../../src/ui/FailedScreen.tsx';
import { line, type Size } from '../../src/ui/lines.ts';
import { PageScreen } from '../../src/ui/PageScreen.tsx';
import { ResolvingScreen } from '../../src/ui/ResolvingScreen.tsx';
import { themeFor } from '../../src/ui/theme.ts';
import { VerdictScreen } from '../../src/ui/VerdictScreen.tsx';
import { edges, faulty, header, healthy, plan, rungs, size, theme } from './fixture.ts';

const nothing = (): void => undefined;
const draw = (element: Parameters<typeof renderToString>[0], { columns }: Size = size): string =>
  renderToString(element, { columns });

describe('resolving', () => {
  it('says what is looked up', () => {
    const screen = draw(<ResolvingScreen size={size} theme={theme} source="web" destination="api" />);
    expect(screen).toContain(' ⠋ Looking up web and api in the cluster');
    expect(edges(screen)).toEqual({ first: ' web → api', last: ' ? keys  q quit', rows: 24 });
  });
});

describe('plan and consent', () => {
  const consent = (more: Partial<Parameters<typeof ConsentScreen>[0]> = {}) => (
    <ConsentScreen
      size={size}
      theme={theme}
      header={header}
      source={healthy.flow.source}
      plan={plan}
      granted={null}
      rungs={rungs}
      cause={null}
      reads={{ done: 12, open: 3 }}
      commandFor={(access) => `kubectl netdebug -n shop web api --access ${access}`}
      onChoose={nothing}
      {...more}
    />
  );

  it('shows exactly what would be added, where, with which rights and for how long', () => {
    const screen = draw(consent());
    for (const row of [
      ' To measure from web itself I would like to add one container to it:',
      '   netdebug   in Pod shop/web on n1, in its network',
      '   image      nicolaka/netshoot:v0.16 (IfNotPresent)',
      '   may        NET_ADMIN, NET_RAW (its namespace enforces no Pod Security level)',
      "   stays      in the Pod's spec until the Pod is deleted: Kubernetes cannot",
      '              take it out; its process ends 15 minutes after its last use',
      ' Meanwhile, changing nothing: 12 API reads done, 3 under way.',
      '   ✘ P  2 of 3 backends answer; not api-7fmjh on n3',
      ' ❯ Add it and climb',
      '   Read only',
      '   Add it, and in up to 3 backends when a question needs it',
      '   Show the container as YAML',
      ' same as: kubectl netdebug -n shop web api --access source',
    ])
      expect(screen.split('\n')).toContain(row);
    expect(edges(screen).last).toBe(' ↑↓ choose  enter go  ? keys  q quit');
  });

  it('shows a cause that reading alone has found', () => {
    expect(draw(consent({ cause: 'Service api selects app=apii.' }))).toContain(
      '   ✘ Already seen: Service api selects app=apii.',
    );
  });

  it('offers only to read where nothing can be added', () => {
    const screen = draw(
      consent({ plan: { ...plan, container: { kind: 'impossible', because: 'Pod web has ended (Failed)' } } }),
    );
    expect(screen).toContain(' Nothing can be measured from web: Pod web has ended (Failed).');
    expect(screen).toContain(' ❯ Read only');
    expect(screen).not.toContain('climb');
  });

  it('says that a container of an earlier run is used again', () => {
    const screen = draw(
      consent({ plan: { ...plan, container: { kind: 'reuse', name: 'netdebug-2', profile: 'baseline' } } }),
    );
    expect(screen).toContain('   netdebug-2 runs in Pod shop/web on n1, in its network');
    expect(screen).toContain('   may        no rights beyond an ordinary container');
    expect(screen).toContain(' ❯ Use it again and climb');
  });

  it('says how to scroll where it does not fit', () => {
    const small = { columns: 60, rows: 20 };
    expect(draw(consent({ size: small }), small)).toMatch(/↓ \d+ below {2}space, b$/m);
  });

  it('says what the rights of the user allow, and offers to read first where they do not', () => {
    const yes = draw(consent({ rights: { source: [], backend: [] } }));
    expect(yes).toContain('   rights     yours allow it');
    const missing = ['patch pods/ephemeralcontainers in shop'];
    const no = draw(consent({ rights: { source: missing, backend: missing } }));
    expect(no).toContain('   rights     you may not patch pods/ephemeralcontainers in shop');
    expect(no).toContain(' ❯ Read only');
    expect(no).toContain('   Show the missing rights as YAML');
  });

  it('does not have the rights of a recorded run asked about for ever', () => {
    expect(draw(consent({ plan }))).toContain('   rights     being asked');
    const played = draw(consent({ plan: { ...plan, isRecorded: true } }));
    expect(played).toContain('   rights     not asked about: this is a recording');
  });

  it('says what a dry run said, and offers to read first where the container would be refused', () => {
    const rights = { source: [], backend: [] };
    const yes = draw(consent({ rights, plan: { ...plan, admission: { profile: 'netadmin', refusal: null } } }));
    expect(yes).toContain('   rights     yours allow it, and so does admission (dry run)');
    expect(yes).toContain(' ❯ Add it and climb');
    const refusal = 'admission webhook "debugging" denied the request: needs a ticket';
    const no = draw(consent({ rights, plan: { ...plan, admission: { profile: null, refusal } } }));
    expect(no.replaceAll(/\s+/g, ' ')).toContain(`yours allow it, admission refuses it (dry run): ${refusal}`);
    expect(no).toContain(' ❯ Read only');
    expect(no).toContain('   Add it and climb');
  });

  it('says what each level would answer, where there is room', () => {
    const large = { columns: 120, rows: 40 };
    const screen = draw(consent({ size: large }), large);
    expect(screen).toContain(
      '   read only  whether objects fit together; not what really happens: DNS, path and half of',
    );
    expect(screen).toContain('   backends   also what a backend that refuses or stays silent listens on');
  });

  it('asks again before more is added, with a way back', () => {
    const screen = draw(consent({ granted: 'source' }));
    expect(screen).toContain(' ❯ Look into up to 3 backends when a question needs it');
    expect(screen).toContain('   Back to the verdict');
    expect(screen).toContain(' same as: kubectl netdebug -n shop web api --access backend');
  });
});

describe('the climb', () => {
  const entry = (index: number): LogLine => ({
    atMs: index * 10,
    vantage: 'source',
    what: `HTTP api-${index} 10.244.3.${index}:8080`,
    saw: 'connected in 0.9 ms, HTTP 200',
    result: 'ok',
    command: 'curl',
  });
  const climb = (more: Partial<Parameters<typeof ClimbScreen>[0]> = {}) => (
    <ClimbScreen
      size={size}
      theme={theme}
      header={header}
      rungs={rungs}
      path={null}
      log={[entry(1)]}
      waiting={['HTTP api-2 10.244.3.2:8080', 'DNS api']}
      onLog={nothing}
      {...more}
    />
  );

  it('shows every rung with its state in a sign, what it saw, and what is awaited', () => {
    const screen = draw(climb());
    for (const row of [
      ' web → svc/api:80                                            shop · lab   1.2 s',
      ' D  DNS        ✔  api.shop.svc.cluster.local. is 10.96.0.7 (2 ms)',
      ' E  Endpoints  ✔  3 of 3 ready, port http (80) is 8080 in the Pods',
      ' P  Path       ✘  2 of 3 backends answer; not api-7fmjh on n3',
      ' N  Policy     ⠋  reading',
      ' X  Exposure   ·  not on this path',
      '  0.01 s  ✔ HTTP api-1 10.244.3.1:8080          connected in 0.9 ms, HTTP 200',
      ' waiting for: HTTP api-2 10.244.3.2:8080, and 1 more',
    ])
      expect(screen.split('\n')).toContain(row);
    expect(edges(screen).last).toBe(' ↑↓ scroll  l log  ? keys  q quit');
  });

  it('says until when it waits, however long the name of what it waits for is', () => {
    const long = `HTTP ${'a'.repeat(90)} 10.244.3.2:8080 until 4.1 s`;
    expect(draw(climb({ waiting: [long, 'DNS api'] }))).toMatch(/^ waiting for: HTTP a+… until 4\.1 s, and 1 more$/m);
  });

  it('keeps the newest lines in sight and says how many are above', () => {
    const screen = draw(climb({ log: Array.from({ length: 40 }, (_, index) => entry(index)) }));
    expect(screen).toContain('HTTP api-39 ');
    expect(screen).not.toContain('HTTP api-1 ');
    expect(screen).toMatch(/─ ↑ 28 above$/m);
  });
});

describe('the verdict', () => {
  const verdict = (more: Partial<Parameters<typeof VerdictScreen>[0]> = {}) => (
    <VerdictScreen
      size={size}
      theme={theme}
      header={header}
      report={faulty}
      deeper="backend"
      hasShell={true}
      canAskAgain={false}
      before={null}
      unless={[]}
      path={null}
      onChoose={nothing}
      onCopy={() => ''}
      onLog={nothing}
      {...more}
    />
  );

  it('says the answer, how sure it is, why, and what to type', () => {
    const screen = draw(verdict({ size: { columns: 80, rows: 48 } }));
    for (const row of [
      ' ✘ Service api selects app=apii, and no Pod in shop has these labels.',
      '   proven · selector-mismatch · Service shop/api',
      ' Seen   api      spec.selector: app=apii',
      '        source   api 10.96.0.7:80: connection refused',
      ' Fix    Let the Service select app=api',
      '        kubectl -n shop patch service api -p \\',
      `        '{"spec":{"selector":{"app":"api"}}}'`,
      ' Not    backend-scaled-to-zero: no workload has app=apii',
      ' Maybe  endpointslice-stale: to tell, kubectl get endpointslices -n shop',
      ' Then   NetworkPolicy default-deny admits nobody.',
      '        stops this flow once the cause is gone · likely ·',
      '        netpol-default-deny-ingress',
      ' Could not be looked at',
      ' ? listening sockets of the backends: nothing was run in a backend Pod',
      '   to see it: d, go deeper',
      ' ❯ Check again   Copy fix   Go deeper   Shell   Explain   Export   Watch   Quit',
      '   r: the same question once more, after a fix',
    ])
      expect(screen.split('\n')).toContain(row);
    expect(edges(screen).last).toBe(' ←→ choose  enter go  ↑↓ scroll  l log  ? keys  q quit');
  });

  it('says how much does not fit', () => {
    expect(draw(verdict())).toMatch(/─ ↓ \d+ below$/m);
  });

  it('shows the whole ladder when all is well, and offers only what helps', () => {
    const screen = draw(verdict({ report: healthy, deeper: null, hasShell: false }));
    expect(screen).toContain(' ✔ web reaches svc/api:80: every step works.');
    expect(screen).toContain(' P  Path       ✔  all 3 backends answer');
    expect(screen).toContain(' ❯ Check again   Export   Watch   Quit');
    expect(screen).toMatch(/^ {3}r: the same question once more$/m);
  });

  it('needs neither colour nor Unicode', () => {
    const screen = draw(
      verdict({
        theme: themeFor({ unicode: false, dark: true, color: false }),
        report: { ...faulty, findings: [] },
        header: { left: 'web -> svc/api:80', right: '' },
      }),
    );
    expect(screen).not.toMatch(/[^\n\u0020-\u007e]/);
  });
});

describe('failed', () => {
  it('says what could not be done and what to try', () => {
    const problem = {
      kind: 'environment' as const,
      message: 'The API server answered 403.',
      tryThis: ['kubectl auth can-i list pods -n shop'],
    };
    const screen = draw(<FailedScreen size={size} theme={theme} header={header} problem={problem} onQuit={nothing} />);
    expect(screen.split('\n')).toContain(' ✘ The API server answered 403.');
    expect(screen.split('\n')).toContain('   kubectl auth can-i list pods -n shop');
    expect(edges(screen).last).toBe(' ↑↓ scroll  enter quit  ? keys  q quit');
  });
});

describe('every screen', () => {
  const sizes = [
    { columns: 80, rows: 24 },
    { columns: 60, rows: 20 },
    { columns: 120, rows: 40 },
    { columns: 40, rows: 10 },
  ];
  const screens = {
    resolving: (at: Size) => <ResolvingScreen size={at} theme={theme} source="web" destination="api" />,
    consent: (at: Size) => (
      <ConsentScreen
        size={at}
        theme={theme}
        header={header}
        source={healthy.flow.source}
        plan={plan}
        granted={null}
        rungs={rungs}
        cause={null}
        reads={{ done: 12, open: 3 }}
        commandFor={(access) => `kubectl netdebug -n shop web api --access ${access}`}
        onChoose={nothing}
      />
    ),
    climb: (at: Size) => (
      <ClimbScreen
        size={at}
        theme={theme}
        header={header}
        rungs={rungs}
        path={null}
        log={[]}
        waiting={[]}
        onLog={nothing}
      />
    ),
    verdict: (at: Size) => (
      <VerdictScreen
        size={at}
        theme={theme}
        header={header}
        report={faulty}
        deeper={null}
        hasShell={true}
        canAskAgain={false}
        before={null}
        unless={[]}
        path={null}
        onChoose={nothing}
        onCopy={() => ''}
        onLog={nothing}
      />
    ),
    page: (at: Size) => (
      <PageScreen
        size={at}
        theme={theme}
        header={header}
        lines={Array.from({ length: 99 }, (_, row) => line(`row ${row}`))}
        onBack={nothing}
      />
    ),
  };

  it.each(sizes.flatMap((at) => Object.keys(screens).map((name) => [name, at.columns, at.rows] as const)))(
    '%s keeps its header and its keys at %i × %i',
    (name, columns, rows) => {
      const screen = draw(screens[name as keyof typeof screens]({ columns, rows }), { columns, rows });
      expect(edges(screen).rows).toBe(rows);
      expect(edges(screen).first).toMatch(/^ web → /);
      expect(edges(screen).last).toMatch(name === 'page' ? /esc back$/ : /q quit$/);
      expect(Math.max(...screen.split('\n').map((row) => row.length))).toBeLessThanOrEqual(columns);
    },
  );
});
