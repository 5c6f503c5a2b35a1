import { expect, it } from 'vitest';
import { yamlLines } from '../../src/ui/yaml.ts';

it('writes a container as kubectl would print it', () => {
  expect(
    yamlLines([
      {
        name: 'netdebug',
        stdin: false,
        command: ['sh', '-c', 'while true\ndo sleep 1\ndone'],
        securityContext: { runAsUser: 0, capabilities: { add: ['NET_RAW'], drop: [] } },
        odd: ['yes', '', '10', 'a: b'],
      },
    ]),
  ).toEqual([
    '- name: netdebug',
    '  stdin: false',
    '  command:',
    '  - sh',
    '  - "-c"',
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
    '  - "yes"',
    '  - ""',
    '  - "10"',
    '  - "a: b"',
  ]);
});
