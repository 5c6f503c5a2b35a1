/**
 * A run without the names in it. Every word that is not one of those used everywhere (vocabulary.ts) gets a token, the same
 * for the same word, everywhere; addresses get others of the same family that lie together as the real ones do. Raw output is
 * left out: what was read from it stays. Nothing is recognised as secret: what is not recognised as harmless goes.
 */
import { isEnforcerName } from '../derive/enforcer.ts';
import { protocolHint } from '../derive/protocol-hint.ts';
import type { ProbeSpec } from '../probes/probe.ts';
import type { RunEvent } from '../session/event.ts';
import { readOne } from '../session/evidence.ts';
import { AddressMap } from './addresses.ts';
import type { ProbesLaunched, RunLine } from './line.ts';
import type { Header } from './schema.ts';
import { COMMON_NAMES, COREFILE_WORDS, PLAIN_WORDS } from './vocabulary.ts';

/** Fields whose value is one of a fixed set, or ours. */
const FIXED: ReadonlySet<string> = new Set([
  'type',
  'kind',
  'status',
  'state',
  'phase',
  'reason',
  'protocol',
  'operator',
  'operation',
  'fields',
  'addressType',
  'policyTypes',
  'action',
  'types',
  'defaultAction',
  'by',
  'hook',
  'mode',
  'fromEntities',
  'toEntities',
  'transport',
  'outcome',
  'variant',
  'broken',
  'vantage',
  'tool',
  'rcode',
  'scheme',
  'access',
  'profile',
  'imagePullPolicy',
  'dnsPolicy',
  'restartPolicy',
  'internalTrafficPolicy',
  'externalTrafficPolicy',
  'sessionAffinity',
  'trafficDistribution',
  'ipFamilies',
  'ipFamilyPolicy',
  'startedAt',
  'version',
]);

/** Maps from names to names: their keys are the user's words as well. */
const NAME_MAPS: ReadonlySet<string> = new Set(['labels', 'matchLabels', 'selector', 'nodeSelector']);

/** Sentences of others, in which a name may stand between plain words. */
const SENTENCES: ReadonlySet<string> = new Set([
  'message',
  'detail',
  'text',
  'command',
  'notes',
  'unlock',
  'tryThis',
  'rule',
  // Addresses with ports.
  'to',
  'saw',
]);

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** An address, with or without a prefix length; whether it is one is then looked at. */
const ADDRESS =
  /(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:\/\d{1,3})?(?![\w])/g;
const WORD = /[\p{L}\p{N}_-]+/gu;
/** Plain numbers, also with a unit, and parts of a point in time. */
const NUMBER = /^(\d+([kKMGT]i?B?|ms|s|m|h|d|Z)?|\d{4}-\d\d-\d\dT\d+)$/;

type Manner = 'name' | 'sentence' | 'corefile';

export class Redactor {
  readonly #addresses: AddressMap;
  readonly #tokens = new Map<string, string>();
  readonly #portNames = new Map<string, string>();
  readonly #ids = new Map<string, string>();
  readonly #specs = new Map<string, { readonly spec: ProbeSpec; readonly command: string }>();
  #leftOut = 0;

  /** @param random in place of Math.random, to get the same addresses again */
  constructor(random?: () => number) {
    this.#addresses = new AddressMap(random);
  }

  /** The same line without names; for a report its own way is to judge the redacted run. */
  line(line: RunLine): RunLine {
    if (!('type' in line)) throw new Error('a report is made from the redacted run');
    switch (line.type) {
      case 'run':
        return this.#header(line);
      case 'probes-launched':
        return this.#launched(line);
      case 'probe-settled':
        return this.#settled(line);
      default:
        return this.#walk(line, '', []) as RunLine;
    }
  }

  /** What became of what, for the user alone; counts first. */
  summary(): string {
    const names = [...this.#tokens].map(([word, token]) => `  ${word} → ${token}`);
    const ports = [...this.#portNames].map(([word, token]) => `  port name ${word} → ${token}`);
    const addresses = [...this.#addresses.known]
      .filter(([real, shown]) => real !== shown)
      .map(([real, shown]) => `  ${real} → ${shown}`);
    return `${[
      `Redacted: ${names.length + ports.length} words, ${addresses.length} addresses; ${this.#leftOut} raw outputs left out. What became of what (not in the file):`,
      ...names,
      ...ports,
      ...addresses,
    ].join('\n')}\n`;
  }

  #header(header: Header): Header {
    const { source, destination, command, image } = header.request;
    return {
      ...header,
      redacted: true,
      request: {
        ...header.request,
        source: this.#text(source, 'name'),
        destination: this.#text(destination, 'name'),
        command: this.#text(command, 'sentence'),
        image: this.#text(image, 'name'),
      },
    };
  }

  #launched(line: ProbesLaunched): ProbesLaunched {
    for (const probe of line.probes) this.#specs.set(probe.spec.id, probe);
    return {
      ...line,
      at: this.#walk(line.at, 'at', []) as ProbesLaunched['at'],
      captureId: line.captureId === null ? null : this.#id(line.captureId),
      probes: line.probes.map(({ spec, command }) => ({
        spec: { ...(this.#walk(spec, 'spec', []) as ProbeSpec), id: this.#id(spec.id), kind: spec.kind },
        command: this.#text(command, 'sentence'),
      })),
    };
  }

  /** What a probe printed is read here, and goes no further. */
  #settled({ atMs, id, output }: Extract<RunEvent, { type: 'probe-settled' }>): RunEvent {
    this.#leftOut++;
    const launched = this.#specs.get(id);
    if (launched === undefined) {
      const packets = this.#walk(readOne.capture(output), 'packets', []) as ReturnType<typeof readOne.capture>;
      return { type: 'capture-read', atMs, id: this.#id(id), packets };
    }
    const result = readOne.probe(launched.spec, output, 'netdebug');
    return this.#walk(
      {
        type: 'probe-read',
        atMs,
        id,
        result: { ...result, text: '', ...('command' in result ? { command: launched.command } : {}) },
      },
      '',
      [],
    ) as RunEvent;
  }

  #walk(value: unknown, key: string, path: readonly string[]): unknown {
    if (typeof value === 'string') return this.#string(value, key, path);
    if (Array.isArray(value)) return value.map((item) => this.#walk(item, key, path));
    if (typeof value !== 'object' || value === null) return value;
    const inside = [...path, key];
    if (isNodePlace(value)) {
      const node = this.#text(value.node, 'name');
      // The Pod is named after its node and the time, and a replay makes that name anew.
      const pod = `netdebug-${node.replace(/[^a-z0-9]+/g, '-').slice(0, 40)}-${value.pod.split('-').at(-1)}`;
      return { ...value, namespace: this.#text(value.namespace, 'name'), node, pod };
    }
    const isNameMap = NAME_MAPS.has(key) && !('matchLabels' in value) && !('matchExpressions' in value);
    return Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        isNameMap ? this.#text(name, 'name') : name,
        typeof item === 'string' && isNameMap ? this.#text(item, 'name') : this.#walk(item, name, inside),
      ]),
    );
  }

  #string(value: string, key: string, path: readonly string[]): string {
    if (TIME.test(value) || value === '') return value;
    if (key === 'id' || key === 'ids' || key === 'captureId') return this.#id(value);
    // Condition types and the like may be the user's own; those have a domain.
    if (FIXED.has(key) && !value.includes('.') && !value.includes('/')) return value;
    if (key === 'targetPort' || key === 'port' || key === 'appProtocol' || (key === 'name' && path.at(-1) === 'ports'))
      return this.#portName(value);
    if (path.includes('collected') && path.at(-1) === 'value' && key === 'object') return this.#text(value, 'corefile');
    return this.#text(value, SENTENCES.has(key) ? 'sentence' : 'name');
  }

  #text(text: string, manner: Manner): string {
    let out = '';
    let end = 0;
    for (const found of text.matchAll(ADDRESS)) {
      const replaced = this.#addresses.replace(found[0]);
      if (replaced === null) continue;
      out += this.#words(text.slice(end, found.index), manner) + replaced;
      end = found.index + found[0].length;
    }
    return out + this.#words(text.slice(end), manner);
  }

  #words(text: string, manner: Manner): string {
    return text.replaceAll(WORD, (word) => this.#word(word, manner));
  }

  #word(word: string, manner: Manner): string {
    if (COMMON_NAMES.has(word) || isEnforcerName(word)) return word;
    if (/^-+$/.test(word)) return word;
    // A flag, or a dash in a sentence.
    const dashes = manner === 'name' ? '' : (word.match(/^-+/)?.[0] ?? '');
    const bare = word.slice(dashes.length);
    if (manner !== 'name') {
      if (manner === 'corefile' && COREFILE_WORDS.has(bare)) return word;
      if (NUMBER.test(bare)) return word;
      if (!this.#tokens.has(bare) && isPlain(bare)) return word;
    }
    return dashes + this.#token(bare);
  }

  #token(word: string): string {
    let token = this.#tokens.get(word);
    if (token === undefined) {
      token = `name-${this.#tokens.size + 1}`;
      this.#tokens.set(word, token);
    }
    return token;
  }

  /** Keeps what the name says about the protocol, which decides what is probed. */
  #portName(name: string): string {
    if (/^\d+$/.test(name)) return name;
    let token = this.#portNames.get(name);
    if (token === undefined) {
      const hint = protocolHint(name);
      token = `${hint === 'other' ? 'tcp-' : hint === null ? '' : `${hint}-`}port-${this.#portNames.size + 1}`;
      this.#portNames.set(name, token);
    }
    return token;
  }

  #id(id: string): string {
    let token = this.#ids.get(id);
    if (token === undefined) {
      token = `probe-${this.#ids.size + 1}`;
      this.#ids.set(id, token);
    }
    return token;
  }
}

/** A Pod of ours on a node: see `ProbePlace`. */
function isNodePlace(value: object): value is { vantage: 'node'; namespace: string; pod: string; node: string } {
  return 'vantage' in value && value.vantage === 'node' && 'node' in value && typeof value.node === 'string';
}

/** Also with hyphens and capitals: `CrashLoopBackOff`, `back-off`, `--access`. */
function isPlain(word: string): boolean {
  const lower = word.toLowerCase();
  if (PLAIN_WORDS.has(lower)) return true;
  return lower.includes('-') && lower.split('-').every((part) => part === '' || PLAIN_WORDS.has(part));
}
