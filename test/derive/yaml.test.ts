import { expect, it } from 'vitest';
import { applyCommand, toYaml } from '../../src/derive/yaml.ts';

it('writes a container as kubectl would print it', () => {
  const container = {
    name: 'netdebug',
    stdin: false,
    command: ['sh', '-c', 'while true\ndo sleep 1\ndone'],
    securityContext: { runAsUser: 0, capabilities: { add: ['NET_RAW'], drop: [] } },
    odd: ['yes', '', '10', 'a: b'],
  };
  expect(toYaml([container]).split('\n')).toEqual([
    '- name: netdebug',
    '  stdin: false',
    '  command:',
    '  - sh',
    '  - -c',
    '  - |-',
    '    while true',
    '    do sleep 1',
    '    done',
    '  securityContext:',
    '    runAsUser: 0',
    '    capabilities:',
    '      add:',
    '      - NET_RAW',
    '      drop: []',
    '  odd:',
    "  - 'yes'",
    "  - ''",
    "  - '10'",
    "  - 'a: b'",
  ]);
});

it('gives a command that a shell takes as it is', () => {
  expect(applyCommand({ kind: 'NetworkPolicy' })).toBe("kubectl apply -f - <<'EOF'\nkind: NetworkPolicy\nEOF");
});
