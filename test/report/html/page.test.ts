import fc from 'fast-check';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { describe, expect, it } from 'vitest';
import { cleanForMarkup } from '../../../src/report/clean.ts';
import { renderHtml } from '../../../src/report/html/page.ts';
import { SCRIPT } from '../../../src/report/html/style.ts';
import type { Report } from '../../../src/report/report.ts';
import { runOf } from '../../support/run.ts';
import { WAY } from '../../support/way.ts';
import { endpointsOf, pod, policy, world } from '../../support/world.ts';
import { patched } from '../../ui/fixture.ts';
import { hostileRun, hostileText } from '../hostile.ts';

type Node = DefaultTreeAdapterTypes.Node;
type Element = DefaultTreeAdapterTypes.Element;

/** Parsed as a browser does; whatever the standard calls a parse error throws. */
function parsed(page: string): readonly Element[] {
  const document = parse(page, {
    onParseError: (error) => {
      throw new Error(`${error.code} in line ${error.startLine}`);
    },
  });
  return elementsIn(document);
}

function elementsIn(node: Node): readonly Element[] {
  const children = 'childNodes' in node ? node.childNodes : [];
  return children.flatMap((child) => ('tagName' in child ? [child, ...elementsIn(child)] : []));
}

function textOf(node: Node): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

const attribute = (element: Element, name: string): string | undefined =>
  element.attrs.find((candidate) => candidate.name === name)?.value;
const byTag = (all: readonly Element[], ...tags: readonly string[]) =>
  all.filter(({ tagName }) => tags.includes(tagName));

const evidence = world({
  neighbours: [],
  policyScope: { pods: [], workloads: [] },
  policies: [policy('deny-all', { podSelector: {}, policyTypes: ['Ingress'] })],
});
const broken = runOf({ evidence, network: (_, port) => (port === 8080 ? 'lost' : 'answered') });
const page = (run: { readonly report: Report; readonly climb: Parameters<typeof renderHtml>[1] }) =>
  renderHtml(run.report, run.climb);
const all = parsed(page(broken));

it('shows what a fix changes and what else it opens', () => {
  const shown = parsed(renderHtml(patched, broken.climb));
  expect(byTag(shown, 'del').map(textOf)).toEqual(['-          app: webb']);
  expect(byTag(shown, 'ins').map(textOf)).toEqual(['+          app: web']);
  const doors = byTag(shown, 'details')
    .map(textOf)
    .filter((text) => text.startsWith('Opens'));
  expect(doors).toEqual(['Opens besides this flow: 1shop/web-canary → shop/api-a TCP 8080']);
});

describe('the page', () => {
  it('answers first', () => {
    expect(byTag(all, 'h1').map(textOf)).toEqual([
      'NetworkPolicy deny-all isolates 3 backends for ingress, and has no rule that admits web (app=web) on TCP 8080.',
    ]);
    expect(byTag(all, 'title')[0] && textOf(byTag(all, 'title')[0] as Element)).toBe(
      'web to svc/api:80: a fault was found',
    );
  });

  it('has its sections in the order in which they are wanted', () => {
    expect(byTag(all, 'h2').map(textOf)).toEqual([
      'The path',
      'Findings',
      'The ladder',
      'What was done, and when',
      'What was left in the cluster',
      'To ask again',
    ]);
  });

  it('has everything of a finding', () => {
    const [finding] = byTag(all, 'article');
    const text = finding === undefined ? '' : textOf(finding);
    expect(text).toContain('cause · proven · NetworkPolicy shop/deny-all · netpol-default-deny-ingress');
    expect(text).toContain('Admit web on TCP 8080 with a small policy of its own');
    expect(text).toContain('kind: NetworkPolicy\nmetadata:\n  name: allow-web-to-api');
    expect(text).toContain('api-a 10.244.1.11:8080: no answer in 4 s');
    expect(text).toContain('Ruled out:');
  });

  it('has a row for everything that was done, with the raw output of each probe', () => {
    const rows = byTag(all, 'tr').map(textOf);
    const row = rows.find((text) => text.includes('HTTP api-a 10.244.1.11:8080')) ?? '';
    expect(row).toContain('at 945 ms');
    expect(row).toContain('4 s');
    expect(row).toContain('probe from the source');
    expect(row).toContain('✘ faulty no answer in 4 s');
    expect(row).toContain('* Connection timed out after 4002 milliseconds');
    expect(rows.some((text) => text.includes('debug container in Pod web'))).toBe(true);
    expect(rows.some((text) => text.includes('EndpointSlices and Pods of the Service'))).toBe(true);
  });

  it('shows no session that an application handed out', () => {
    const text = page(runOf());
    expect(text).toContain('Set-Cookie: (left out)');
    expect(text).not.toContain('s3cr3t');
  });

  it('says so where raw output was left out', () => {
    const bare = runOf();
    const results = Object.fromEntries(
      Object.entries(bare.climb.results).map(([id, result]) => [id, { ...result, text: '' }]),
    );
    expect(page({ ...bare, climb: { ...bare.climb, results } })).toContain('No output: it was left out of this report');
  });

  it('says what could not be looked at, what was left, and how to ask again', () => {
    const text = page(runOf({ access: 'api' }));
    expect(text).toContain('everything that is measured from the source Pod');
    expect(text).toContain('--access source');
    expect(text).toContain('This run added nothing to the cluster.');
    expect(text).toContain('kubectl netdebug -n shop pod/web api --access api');
    expect(page(broken)).toContain('EphemeralContainer netdebug was added to Pod web in shop.');
  });

  it('stays small, also with many backends', () => {
    expect(page(broken).length).toBeLessThan(100_000);
    const pods = Array.from({ length: 32 }, (_, index) =>
      pod({ name: `api-${index}`, node: `n${(index % 8) + 1}`, ip: `10.244.9.${index}`, labels: { app: 'api' } }),
    );
    expect(page(runOf({ evidence: world({ endpoints: endpointsOf(pods) }) })).length).toBeLessThan(200_000);
  });
});

describe('the page by itself', () => {
  it('loads nothing, and runs nothing but its own script', () => {
    const loads = all.flatMap(({ attrs }) =>
      attrs.filter(({ name }) => ['src', 'href', 'action', 'data'].includes(name)),
    );
    expect(loads.map(({ value }) => value)).toEqual(['data:,']);
    expect(byTag(all, 'script').map(textOf)).toEqual([SCRIPT]);
    expect(all.flatMap(({ attrs }) => attrs.filter(({ name }) => /^on|^style$/.test(name)))).toEqual([]);
    const policies = byTag(all, 'meta').flatMap((meta) =>
      attribute(meta, 'http-equiv') === 'Content-Security-Policy' ? [attribute(meta, 'content')] : [],
    );
    expect(policies).toHaveLength(1);
    expect(policies[0]).toMatch(/^default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+';/);
  });

  it('can be read without its script: what needs it is hidden', () => {
    expect(byTag(all, 'button').length).toBeGreaterThan(3);
    expect(byTag(all, 'button').filter((button) => attribute(button, 'hidden') === undefined)).toEqual([]);
  });
});

describe('the page for a screen reader', () => {
  it('has landmarks, a language and headings without a gap', () => {
    expect(attribute(byTag(all, 'html')[0] as Element, 'lang')).toBe('en');
    expect(byTag(all, 'header', 'main', 'footer').map(({ tagName }) => tagName)).toEqual(['header', 'main', 'footer']);
    const levels = byTag(all, 'h1', 'h2', 'h3', 'h4', 'h5').map(({ tagName }) => Number(tagName.slice(1)));
    expect(levels.filter((level, index) => level > (levels[index - 1] ?? 0) + 1)).toEqual([]);
  });

  it('names whatever it refers to, once', () => {
    const ids = all.flatMap((element) => attribute(element, 'id') ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const references = all
      .flatMap((element) => (attribute(element, 'aria-labelledby') ?? '').split(' '))
      .filter(Boolean);
    expect(references.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('has a picture with a name, a description and the same in words', () => {
    const pictures = byTag(all, 'svg').filter((svg) => attribute(svg, 'aria-hidden') !== 'true');
    expect(pictures.map((svg) => attribute(svg, 'role'))).toEqual(['img', 'img']);
    expect(pictures.flatMap((svg) => byTag(elementsIn(svg), 'desc').map(textOf))[0]).toBe(
      'It breaks at: api-b (finding 1); api-a (finding 1); api-c (finding 1). The list below says the same in words.',
    );
    const words = byTag(all, 'ol').flatMap((list) => byTag(elementsIn(list), 'li').map(textOf));
    expect(words).toContain('api-b, 10.244.2.11:8080, on n2: faulty, no answer in 4 s. It breaks here: see finding 1.');
  });

  it('has captions on its tables, and the state of everything in words', () => {
    for (const table of byTag(all, 'table')) expect(byTag(elementsIn(table), 'caption')).toHaveLength(1);
    const states = all.filter((element) => (attribute(element, 'class') ?? '').split(' ').includes('state'));
    expect(states.map(textOf).filter((text) => !/^[✔✘?·] [A-Za-z ]+$/.test(text))).toEqual([]);
  });
});

/** Tags and the names of their attributes; how many lines a text takes in the picture is no markup of its own. */
function skeleton(elements: readonly Element[]): readonly string[] {
  return elements
    .filter(({ tagName }) => tagName !== 'text')
    .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '));
}

describe('a hostile cluster', () => {
  const tame = hostileRun('x');
  const expected = skeleton(parsed(renderHtml(tame.report, tame.climb)));

  it('cannot write any markup', () => {
    expect(expected.length).toBeGreaterThan(200);
    fc.assert(
      fc.property(hostileText, (text) => {
        const { report, climb } = hostileRun(text);
        expect(skeleton(parsed(renderHtml(report, climb)))).toEqual(expected);
      }),
      { numRuns: 12 },
    );
  });

  it('has its words shown as they are', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const { report, climb } = hostileRun(text);
        const [headline] = byTag(parsed(renderHtml(report, climb)), 'h1');
        expect(headline === undefined ? '' : textOf(headline)).toBe(cleanForMarkup(text));
      }),
      { numRuns: 6 },
    );
  });
});

it('lists the way device by device, and says what nobody looked at', () => {
  const { climb } = runOf({ access: 'api' });
  const page = renderHtml({ ...patched, way: WAY }, climb);
  expect(parsed(page).length).toBeGreaterThan(0);
  expect(page).toContain('<h2 id="way">The way to api-c 10.244.3.11:8080, device by device</h2>');
  expect(page).toContain('<li>node n2, veth2f0: port of cni0</li>');
  expect(page).toContain(
    '<li>between nodes: 10.90.0.12 to 10.90.0.13 <span class="state faulty">✘ breaks here: finding 2</span></li>',
  );
  expect(page).toContain(
    '<p>The devices of node n3 are not known: they were not looked at. To see them: --access node.</p>',
  );
});
