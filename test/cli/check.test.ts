/** `check` from its command line to its exit code, against an API server on loopback. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseArguments, UsageError } from '../../src/cli/args.ts';
import { check } from '../../src/cli/check.ts';
import { FakeApi, json, status } from '../adapters/fake-api.ts';
import { node, service, web } from '../support/world.ts';

const objects: Readonly<Record<string, object>> = {
  '/api/v1/namespaces/shop/pods/web': web,
  '/api/v1/namespaces/shop/services/api': service({ selector: { app: 'apy' } }),
  '/api/v1/namespaces/shop/services/db': service({ name: 'db', clusterIP: '10.96.0.77', selector: { app: 'db' } }),
  '/api/v1/namespaces/shop': { metadata: { name: 'shop' } },
  '/api/v1/nodes/n2': node('n2'),
};

const api = new FakeApi(({ path }, response) => {
  const object = objects[path.split('?')[0] ?? ''];
  if (object !== undefined) json(response, 200, object);
  else if (/[?&]limit=/.test(path)) json(response, 200, { metadata: {}, items: [] });
  else status(response, 404, 'not found');
});
let folder = '';
let server = '';
let out = '';
let err = '';

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'netdebug-'));
  server = await api.start();
  api.asked.length = 0;
  out = '';
  err = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text);
    return true;
  });
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    err += String(text);
    return true;
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await api.stop();
  rmSync(folder, { recursive: true });
});

function run(flows: readonly string[], ...more: readonly string[]): Promise<number> {
  const file = join(folder, 'flows.yaml');
  const list = flows.map((flow) => `  - {${flow}}\n`).join('');
  writeFileSync(file, `apiVersion: netdebug/v1\nkind: Checks\nnamespace: shop\nflows:\n${list}`);
  return check(parseArguments(['check', '-f', file, '--server', server, ...more]));
}

const API = 'from: web, to: api, expect: unreachable, because: selector-mismatch';
const DB = 'from: web, to: db, expect: unreachable, because: selector-mismatch';

describe('check', () => {
  it('prints a line for each flow and ends with 0 when all are as expected', async () => {
    expect(await run([API, DB])).toBe(0);
    const lines = out.split('\n');
    expect(lines.slice(0, 2).sort()).toEqual([
      expect.stringMatching(/^ok {4}shop: web → api {2}unreachable: selector-mismatch {2}\d\.\d s$/),
      expect.stringMatching(/^ok {4}shop: web → db {3}unreachable: selector-mismatch {2}\d\.\d s$/),
    ]);
    expect(lines.slice(2)).toEqual(['', expect.stringMatching(/^2 of 2 as expected · access api · \d\.\d s$/), '']);
    expect(err).toBe('');
  });

  it('asks the API server for what both flows need once', async () => {
    await run([API]);
    const alone = api.asked.length;
    await run([API, API, API, API]);
    expect(api.asked.length - alone).toBe(alone);
    await run([API, DB]);
    expect(api.asked.length - 2 * alone).toBeLessThan(2 * alone);
  });

  it('ends with 1 for a flow that is not as expected, whatever else is true', async () => {
    expect(await run([API, 'from: web, to: db, expect: reachable', 'from: wep, to: api, expect: reachable'])).toBe(1);
    expect(out).toMatch(/^FAIL {2}shop: web → db {3}expected reachable: selector-mismatch: /m);
    expect(out).toMatch(/^ERR {3}shop: wep → api {2}There is no Pod wep in shop/m);
    expect(out).toContain('\n1 of 3 as expected · 1 not · 1 could not be asked about · access api · ');
  });

  it('ends with 2 for a source that does not exist', async () =>
    expect(await run([API, 'from: wep, to: api, expect: reachable'])).toBe(2));

  it('ends with 4 and says it once when the cluster does not answer', async () => {
    await api.stop();
    expect(await run([API, DB])).toBe(4);
    await api.start();
    expect(out).toBe('');
    expect(err.match(/The API server does not answer/g)?.length).toBe(1);
  });

  it('as JSON is one object with every report, in the order of the file', async () => {
    expect(await run([DB, API], '-o', 'json')).toBe(0);
    const report = JSON.parse(out);
    expect(report.summary).toEqual({ flows: 2, ok: 2, mismatch: 0, inconclusive: 0, notRun: 0 });
    expect(report.requests).toBe(api.asked.length);
    expect(
      report.flows.map(
        (flow: { report: { flow: { destination: { name: string } } } }) => flow.report.flow.destination.name,
      ),
    ).toEqual(['db', 'api']);
  });

  it('as JUnit is one document', async () => {
    await run([API], '-o', 'junit');
    expect(out).toContain('<testsuites tests="1" failures="0" errors="0" skipped="0"');
  });

  it('refuses a wrong file with line and column, and asks nothing', async () => {
    expect(await run(['from: web, to: api, expect: maybe'])).toBe(2);
    expect(err).toMatch(/flows\.yaml:5:34: expect: maybe: it takes reachable or unreachable\.\n$/);
    expect(api.asked).toEqual([]);
  });

  it.each([
    [[], 'check takes its flows from files, and none was named. A Pod of that name is written pod/check.'],
    [
      ['web', '-f', 'x'],
      'check takes its flows from files, and "web" is left over. A Pod of that name is written pod/check.',
    ],
    [['-f', 'x', '--save-check', 'y'], '--save-check is for a run of one flow; check asks about many.'],
    [['-f', 'x', '-o', 'ndjson'], '-o ndjson: check takes one of text, json, junit.'],
    [['-f', '/nowhere/flows.yaml'], 'There is no file /nowhere/flows.yaml.'],
  ])('check %j: %s', async (words, message) => {
    const attempt = check(parseArguments(['check', ...words]));
    await expect(attempt).rejects.toBeInstanceOf(UsageError);
    await expect(attempt).rejects.toHaveProperty('message', message);
  });
});
