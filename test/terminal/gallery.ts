// npm run gallery: every screen of the real program as text in docs/gallery, from recorded incidents and a cluster of lists.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../run/child.ts';
import { FakeCluster } from './fake-cluster.ts';
import { Terminal } from './tmux.ts';

const folder = join(root, 'docs/gallery');
const STORY = 'underlay-blocked';
const NEAR_MISS = 'netpol-peer-pod-label-mismatch';

interface Size {
  readonly columns: number;
  readonly rows: number;
}
const USUAL: readonly Size[] = [
  { columns: 80, rows: 24 },
  { columns: 120, rows: 40 },
];
const AND_SMALL: readonly Size[] = [{ columns: 60, rows: 20 }, ...USUAL];

interface Picture {
  readonly file: string;
  readonly title: string;
  readonly says: string;
  readonly sizes: readonly Size[];
  readonly shoot: (terminal: Terminal) => Promise<string>;
}

const home = mkdtempSync(join(tmpdir(), 'netdebug-gallery-'));
const cluster = new FakeCluster({ pods: 240 });
const refusing = new FakeCluster({ pods: 240, refuse: ['/namespaces/shop/pods'] });
writeFileSync(join(home, 'config'), await cluster.start());
writeFileSync(join(home, 'refusing'), await refusing.start());

const tool = (words = '', config = 'config'): string =>
  `KUBECONFIG=${join(home, config)} plugin/kubectl-netdebug ${words}`;
const demo = (story: string, words = ''): string => `plugin/kubectl-netdebug demo ${story} ${words}`;

async function verdictOf(terminal: Terminal, story: string): Promise<string> {
  await terminal.run(demo(story, '--speed max'));
  return terminal.waitFor('Check again');
}

const PICTURES: readonly Picture[] = [
  {
    file: '1-source',
    title: 'Which Pod',
    says: 'Pods below their workloads, those in trouble first; typing searches.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(tool());
      return terminal.waitFor(/❯ .*Pods ready/);
    },
  },
  {
    file: '2-search',
    title: 'Which Pod, while typing',
    says: 'Letters may be left out. What was typed can also be taken as it is.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(tool());
      await terminal.waitFor(/❯ .*Pods ready/);
      await terminal.press('c', 'h', 'k', 'o', 'u', 't');
      return terminal.waitFor('chkout_');
    },
  },
  {
    file: '3-refused',
    title: 'Which Pod, when they may not be listed',
    says: 'What may not be read is said; names can still be typed.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(tool('', 'refusing'));
      return terminal.waitFor('You may not list Pods');
    },
  },
  {
    file: '4-destination',
    title: 'What it cannot reach',
    says: 'Services here and elsewhere, hosts of Ingresses, Pods; or an address, a host, a URL.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(tool('deploy/web-0'));
      return terminal.waitFor('Pods, past any Service');
    },
  },
  {
    file: '5-port',
    title: 'Which port',
    says: 'Asked only when the Service has several.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(tool('deploy/web-0'));
      await terminal.waitFor('Services in other namespaces');
      await terminal.press('p', 'a', 'y', 'm', 'e', 'n', 't', 's');
      await terminal.waitFor('❯ payments');
      await terminal.press('Enter');
      return terminal.waitFor('Which port?');
    },
  },
  {
    file: '6-consent',
    title: 'Plan and consent',
    says: 'What would be added, exactly, and what reading alone has already shown. Nothing is added before somebody says so.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run(demo(NEAR_MISS, '--speed 0.2'));
      return terminal.waitFor(/[1-9]\d* API reads done/);
    },
  },
  {
    file: '7-climb',
    title: 'The climb',
    says: 'Five rungs, the path with every backend, and the probes as they end.',
    sizes: AND_SMALL,
    shoot: async (terminal) => {
      await terminal.run(demo(STORY));
      let last = '';
      await terminal.waitUntil(
        (screen) => {
          if (screen.includes('waiting for: HTTP') || screen.includes('waiting for: connect')) last = screen;
          return screen.includes('Check again');
        },
        'the verdict',
        40_000,
      );
      return last;
    },
  },
  {
    file: '8-verdict',
    title: 'The verdict',
    says: 'The answer, what was seen and where, and what to type.',
    sizes: AND_SMALL,
    shoot: (terminal) => verdictOf(terminal, STORY),
  },
  {
    file: '9-verdict-below',
    title: 'The verdict, further down',
    says: 'Look-alikes and why they are out, how sure it is and what would show that it is wrong, the ladder and the path.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('Space');
      return terminal.waitFor(/↑ \d+ above/);
    },
  },
  {
    file: '10-near-miss',
    title: 'A near miss',
    says: 'A NetworkPolicy that is one label away from letting the flow through.',
    sizes: USUAL,
    shoot: (terminal) => verdictOf(terminal, NEAR_MISS),
  },
  {
    file: '11-healthy',
    title: 'All is well',
    says: 'Every rung says what it saw.',
    sizes: USUAL,
    shoot: (terminal) => verdictOf(terminal, 'healthy'),
  },
  {
    file: '12-log',
    title: 'The log',
    says: 'Every probe with its result, and the command that shows the same.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('l');
      return terminal.waitFor('exec web');
    },
  },
  {
    file: '13-keys',
    title: 'The keys',
    says: 'Made of the same list that the keys are handled by.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('?');
      return terminal.waitFor('Keys of this screen');
    },
  },
  {
    file: '14-watch',
    title: 'Keep watching',
    says: 'The same question again and again, and how often it fails.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('w');
      return terminal.waitFor('3 checks', 40_000);
    },
  },
  {
    file: '15-explain',
    title: 'What a finding means',
    says: 'The page of the cause: what it is, how to see it by hand, what looks like it, when it is wrong.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('x');
      return terminal.waitFor(`kubectl netdebug explain ${STORY}`);
    },
  },
  {
    file: '16-export',
    title: 'The report as a file',
    says: 'Where it was written, and what it holds.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('e');
      return terminal.waitFor('Export the report as');
    },
  },
  {
    file: '17-deeper',
    title: 'Going deeper',
    says: 'What the next access level would add, asked like the first.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await verdictOf(terminal, STORY);
      await terminal.press('d');
      return terminal.waitFor('Back to the verdict');
    },
  },
  {
    file: '18-demo',
    title: 'The demo',
    says: 'Incidents to play, each with the command line that plays it.',
    sizes: USUAL,
    shoot: async (terminal) => {
      await terminal.run('plugin/kubectl-netdebug demo');
      return terminal.waitFor('incidents');
    },
  },
  {
    file: '19-screen-reader',
    title: 'For a screen reader',
    says: 'The same verdict with --screen-reader: line by line, without lines, signs and anything that moves.',
    sizes: [{ columns: 80, rows: 60 }],
    shoot: async (terminal) => {
      await terminal.run(demo(NEAR_MISS, '--speed max --screen-reader'));
      return terminal.waitFor('of 8: Check again');
    },
  },
];

mkdirSync(folder, { recursive: true });
const wanted = process.argv.slice(2);
try {
  for (const { file, title, says, sizes, shoot } of PICTURES) {
    if (wanted.length > 0 && !wanted.some((word) => file.includes(word))) continue;
    const shots: string[] = [];
    for (const { columns, rows } of sizes) {
      const terminal = await Terminal.start({ columns, rows });
      try {
        const screen = (await shoot(terminal)).replace(/\n$/, '').split('\n');
        shots.push(`## ${columns} × ${rows}\n\n\`\`\`\n${screen.map((row) => row.trimEnd()).join('\n')}\n\`\`\`\n`);
      } finally {
        await terminal.close();
      }
    }
    writeFileSync(join(folder, `${file}.md`), `# ${title}\n\n${says}\n\n${shots.join('\n')}`);
    console.log(file);
  }
  const rows = PICTURES.map(({ file, title, says }) => `| [${title}](${file}.md) | ${says} |`);
  const head = 'Taken from the real program in a terminal, by `npm run gallery`.';
  writeFileSync(
    join(folder, 'README.md'),
    `# The screens\n\n${head}\n\n| screen | shows |\n|---|---|\n${rows.join('\n')}\n`,
  );
} finally {
  await cluster.stop();
  await refusing.stop();
  rmSync(home, { recursive: true });
}
