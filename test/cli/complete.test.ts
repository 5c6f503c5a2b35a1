import { afterEach, describe, expect, it } from 'vitest';
import { complete } from '../../src/cli/complete.ts';
import { type Answer, FakeApi, json, status } from '../adapters/fake-api.ts';

const SERVICES = {
  kind: 'Table',
  columnDefinitions: ['Name', 'Type', 'Cluster-IP', 'External-IP', 'Port(s)', 'Age'].map((name) => ({ name })),
  rows: [{ cells: ['api', 'ClusterIP', '10.96.0.7', '<none>', '80/TCP', '5d'], object: null }],
};
const PODS = {
  kind: 'Table',
  columnDefinitions: ['Name', 'Ready', 'Status', 'Restarts', 'Age'].map((name) => ({ name })),
  rows: [{ cells: ['web-7d4', '1/1', 'Running', 0, '5d'] }],
};

describe('a completion', () => {
  let api: FakeApi | null = null;
  afterEach(() => api?.stop());

  /** What is printed when the API server answers so. */
  async function completed(answer: Answer, words: readonly string[], limitMs = 5000): Promise<string> {
    api = new FakeApi(answer);
    return complete(['--server', await api.start(), '-n', 'shop', ...words], limitMs);
  }

  it('lists in the namespace that was typed, as tables, in few bytes', async () => {
    const text = await completed(
      ({ path }, response) => json(response, 200, path.includes('pods') ? PODS : SERVICES),
      ['web', ''],
    );
    expect(text).toBe('api:80\tService ClusterIP 10.96.0.7, TCP\npod/web-7d4\tPod, 1/1 ready, Running\n:4\n');
    expect(api?.asked.map(({ path }) => path).sort()).toEqual([
      '/api/v1/namespaces/shop/pods?limit=500&includeObject=None',
      '/api/v1/namespaces/shop/services?limit=500&includeObject=None',
    ]);
    expect(api?.asked[0]?.headers.accept).toBe('application/json;as=Table;v=v1;g=meta.k8s.io');
  });

  it('offers what came when the rest does not come in time', async () => {
    const text = await completed(
      ({ path }, response) => void (path.includes('pods') || json(response, 200, SERVICES)),
      ['web', ''],
      300,
    );
    expect(text).toBe('api:80\tService ClusterIP 10.96.0.7, TCP\n:4\n');
  });

  it.each<[string, Answer]>([
    ['may not read', (_, response) => status(response, 403, 'forbidden')],
    ['gets no table', (_, response) => json(response, 200, { kind: 'PodList', items: [] })],
    ['gets no JSON', (_, response) => void response.end('<html>')],
    ['is cut off', (_, response) => void response.destroy()],
  ])('offers nothing and says nothing when it %s', async (_, answer) => {
    expect(await completed(answer, [''])).toBe(
      'check\tare the flows of a file as expected\ncleanup\twhat earlier runs left in the cluster\ndemo\trecorded incidents, without a cluster\ndiff\twhat changed between two recorded runs\nexplain\twhat a finding means\npermissions\tthe rights a level of access may use\npolicy\twhat may reach a Pod and what it may reach\nversion\tthe version\n:4\n',
    );
    expect(await completed(answer, ['web', ''])).toBe(':4\n');
  });

  it.each([
    [['--frob', '']],
    [['-n', 'shop', '--port', 'x:y', 'web', '']],
    [['--kubeconfig', '/nonexistent', '--context', '']],
    [['--kubeconfig', '/nonexistent', 'web', '']],
  ])('offers nothing and says nothing for %j', async (words) => {
    expect(await complete(words, 5000)).toBe(':4\n');
  });

  it('reads the titles of the rule pages', async () => {
    expect(await complete(['explain', 'selector-m'], 5000)).toMatch(/^selector-mismatch\t.+\n:4\n$/);
  });
});
