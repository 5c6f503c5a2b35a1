import type { Plugin } from 'esbuild';

/** All that `permissions` asks of the rules is which evidence each needs: it gets that table instead of every rule's code. */
export const ruleNeeds: Plugin = {
  name: 'rule-needs',
  setup(build) {
    build.onResolve({ filter: /\/rules\/index\.ts$/ }, ({ importer }) =>
      /[\\/]cli[\\/]permissions\.ts$/.test(importer) ? { path: 'rule-needs', namespace: 'rule-needs' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'rule-needs' }, async () => {
      const { RULES } = await import('../../src/rules/index.ts');
      const table = RULES.map(({ id, needs, uses }) => ({ id, needs, uses }));
      return { contents: `export const RULES = ${JSON.stringify(table)};`, loader: 'js' };
    });
  },
};
