import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vitest/config';
import { demoRecordingsModule } from '../plugin/build/recordings.ts';
import { rulePagesModule } from '../plugin/build/rule-pages.ts';

const root = join(import.meta.dirname, '..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };

/** What plugin/build.ts puts into the bundle, for tests that import src. */
const rulePages: Plugin = {
  name: 'rule-pages',
  resolveId: (id) => (id === 'virtual:rule-pages' ? '\0rule-pages' : null),
  load: (id) => (id === '\0rule-pages' ? rulePagesModule(join(root, 'src/rules'), '?raw') : null),
};

const demoRecordings: Plugin = {
  name: 'demo-recordings',
  resolveId: (id) => (id === 'virtual:demo-recordings' ? '\0demo-recordings' : null),
  load: (id) => (id === '\0demo-recordings' ? demoRecordingsModule(join(root, 'src/demo/recordings')) : null),
};

export default defineConfig({
  root,
  define: { __VERSION__: JSON.stringify(version) },
  plugins: [rulePages, demoRecordings],
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['test/terminal/**', 'test/cluster/**', 'test/lab/**'],
        },
      },
      { extends: true, test: { name: 'terminal', include: ['test/terminal/**/*.test.{ts,tsx}'], testTimeout: 30_000 } },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['test/cluster/**/*.test.{ts,tsx}'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
