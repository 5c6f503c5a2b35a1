import { describe, expect, it } from 'vitest';
import { isDenied, reviewOf, rightsToCheck, rightsWithout } from '../../src/collect/rights.ts';
import { WEB_TO_API } from '../support/world.ts';

const TO_DATA = { ...WEB_TO_API, destination: { kind: 'Service', namespace: 'data', name: 'db' } } as const;

describe('the rights that are checked before consent', () => {
  it('are those of the debug container, where it would be added', () =>
    expect(
      rightsToCheck(TO_DATA).map(({ access, verb, resource, namespace }) => [access, verb, resource, namespace]),
    ).toEqual([
      ['source', 'patch', 'pods/ephemeralcontainers', 'shop'],
      ['source', 'get', 'pods/exec', 'shop'],
      ['source', 'create', 'pods/exec', 'shop'],
      ['backend', 'patch', 'pods/ephemeralcontainers', 'data'],
      ['backend', 'get', 'pods/exec', 'data'],
      ['backend', 'create', 'pods/exec', 'data'],
    ]));

  it('are asked for with their sub-resource apart', () =>
    expect(reviewOf({ access: 'source', verb: 'create', group: '', resource: 'pods/exec', namespace: 'shop' })).toEqual(
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: {
          resourceAttributes: { namespace: 'shop', verb: 'create', group: '', resource: 'pods', subresource: 'exec' },
        },
      },
    ));

  it.each([
    [{ status: { allowed: false } }, true],
    [{ status: { allowed: true } }, false],
    [{ kind: 'Status', code: 500 }, false],
    [null, false],
  ])('are missing only where the API server says so: %j', (answer, denied) => expect(isDenied(answer)).toBe(denied));

  it('are named with their namespace, each once', () => {
    const [patch, , , backendPatch] = rightsToCheck(TO_DATA);
    if (patch === undefined || backendPatch === undefined) throw new Error('the list is shorter');
    expect(rightsWithout([patch, patch, backendPatch])).toEqual({
      source: ['patch pods/ephemeralcontainers in shop'],
      backend: ['patch pods/ephemeralcontainers in data'],
    });
  });
});
