import { expect, it } from 'vitest';
import { exitMeaning, lastWords, refusalOf, sayUnfit, unfitNodes } from '../../src/derive/no-pods.ts';

it.each([
  [
    '0/1 nodes are available: 1 node(s) were unschedulable. preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    'none of 1 node fits: 1 has been cordoned',
  ],
  [
    '0/3 nodes are available: 3 node(s) had untolerated taint(s). no new claims to deallocate, preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.',
    'none of 3 nodes fits: 3 have a taint that it does not tolerate',
  ],
  [
    "0/2 nodes are available: 1 node(s) didn't have free ports for the requested pod ports, 1 node(s) had volume node affinity conflict.",
    'none of 2 nodes fits: 1 has its host port taken, 1 has no way to its volume',
  ],
  [
    "0/5 nodes are available: 2 Insufficient memory, 2 Too many pods, 1 node(s) didn't match pod anti-affinity rules.",
    'none of 5 nodes fits: 2 have too little memory left, 2 have as many Pods as a node may have, 1 has Pods that its affinity or spread constraint keeps apart',
  ],
  ['0/2 nodes are available: 2 node(s) are haunted.', 'none of 2 nodes fits: 2 have said: are haunted'],
  ['persistentvolumeclaim "data" not found', null],
  ['', null],
])('says of the scheduler’s %j why no node fits', (message, said) => {
  expect(sayUnfit(message)).toBe(said);
});

it('names each reason with its number of nodes', () => {
  expect(
    unfitNodes('0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint {gpu: true}.'),
  ).toEqual({
    nodes: 3,
    unfit: [
      { nodes: 1, why: 'resources', text: 'too little cpu left' },
      { nodes: 2, why: 'taint', text: 'a taint that it does not tolerate (gpu: true)' },
    ],
  });
});

it('keeps a refusal that it does not know in one line', () => {
  expect(refusalOf('pods "x" is forbidden: maximum cpu usage per Container is 1,\n  but limit is 2')).toEqual({
    kind: 'other',
    detail: 'pods "x" is forbidden: maximum cpu usage per Container is 1, but limit is 2',
  });
});

it.each([
  ['one\ntwo\n\n', 'two'],
  ['\u001b[31mpanic:\u001b[0m no route\n---\n', 'panic: no route'],
  ['connect postgres://shop:hunter2@db:5432 failed', 'connect postgres://shop:…@db:5432 failed'],
  ['login with password=hunter2 refused', 'login with password=… refused'],
  ['{"level":"fatal","token":"abc.def"}', '{"level":"fatal","token":…}'],
  ['FATAL: no such file: /etc/x\nstarting\n', 'FATAL: no such file: /etc/x'],
  ['a\tb\rc', 'a b c'],
  ['', null],
  ['\n---\n', null],
])('quotes of the log %j its last words', (log, words) => {
  expect(lastWords(log)).toBe(words);
});

it('cuts off last words that are very long', () => {
  expect(lastWords('x'.repeat(500))).toBe(`${'x'.repeat(160)}…`);
});

it.each([
  [137, 'OOMKilled', 'it used more memory than its limit'],
  [127, 'Error', 'its command does not exist in the image'],
  [0, 'Completed', 'it ended by itself, without an error'],
  [1, 'Error', null],
  [undefined, undefined, null],
])('knows what exit %s (%s) means', (exitCode, reason, meaning) => {
  expect(exitMeaning(exitCode, reason)).toBe(meaning);
});
