import { describe, expect, it } from 'vitest';
import type { Hop, Path } from '../../src/report/path.ts';
import { pathLines } from '../../src/ui/path-lines.ts';
import { theme } from './fixture.ts';

const backend = (name: string, more: Partial<Hop> = {}): Hop => ({
  kind: 'backend',
  name,
  detail: '10.244.2.4:8080',
  state: 'ok',
  saw: 'connected in 0.3 ms, HTTP 200',
  findings: [],
  ...more,
});
const path = (backends: readonly Hop[], more: Partial<Path> = {}): Path => ({
  source: { kind: 'source', name: 'Pod web', detail: '10.244.1.2', state: 'ok', saw: 'measured', findings: [] },
  node: 'n2',
  dns: null,
  service: {
    kind: 'service',
    name: 'Service api',
    detail: '10.96.0.7:80',
    state: 'faulty',
    saw: '3 of 5 tries work: no answer in 4 s',
    findings: [],
  },
  groups: [{ node: 'n3', backends }],
  more: 0,
  ...more,
});
const draw = (drawn: Path, { columns = 79, rows = 10, isLive = false } = {}): readonly string[] =>
  pathLines(drawn, { theme, columns, rows, isLive }).map((spans) =>
    spans
      .map(({ text }) => text)
      .join('')
      .trimEnd(),
  );

describe('the path', () => {
  it('goes from the source over the Service to each backend, and marks where it breaks', () =>
    expect(
      draw(path([backend('api-a'), backend('api-b', { state: 'faulty', saw: 'no answer in 4 s', findings: [1] })])),
    ).toEqual([
      ' web n2 → Service api 10.96.0.7:80  ✘ 3 of 5 tries work: no answer in 4 s',
      '  ├─ n3  api-a  10.244.2.4:8080  ✔ connected in 0.3 ms, HTTP 200',
      '  └─ n3  api-b  10.244.2.4:8080  ✘ no answer in 4 s ← here',
    ]));

  it('shows those in trouble where not all fit, and counts the others', () => {
    const many = [
      ...Array.from({ length: 7 }, (_, index) => backend(`api-${index}`)),
      backend('bad', { state: 'faulty' }),
    ];
    expect(draw(path(many), { rows: 4 }).map((row) => row.slice(0, 31))).toEqual([
      ' web n2 → Service api 10.96.0.7',
      '  ├─ n3  bad    10.244.2.4:8080',
      '  ├─ n3  api-0  10.244.2.4:8080',
      '  └─ and 6 more, 6 of them answ',
    ]);
  });

  it('does not count what has not been tried as failing', () => {
    const open = Array.from({ length: 5 }, (_, index) =>
      backend(`api-${index}`, { state: 'unknown', saw: 'was not tried' }),
    );
    expect(draw(path(open), { rows: 3, isLive: true })[2]).toBe('  └─ and 4 more, 0 of them so far answer');
  });

  it('turns what is awaited, and says nothing of it yet', () =>
    expect(draw(path([backend('api-a', { state: 'unknown', saw: 'was not tried' })]), { isLive: true })[1]).toBe(
      '  └─ n3  api-a  10.244.2.4:8080  ⠋',
    ));

  it('drops the status before the time where there is little room', () =>
    expect(draw(path([backend('api-a')]), { columns: 60 })[1]).toBe(
      '  └─ n3  api-a  10.244.2.4:8080  ✔ connected in 0.3 ms',
    ));
});
