// Writes plugin/checks.schema.json, by which editors complete and check a file for `kubectl netdebug check`. `npm run schema`.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { editorSchema } from '../src/check/checks.ts';
import { RULES } from '../src/rules/index.ts';

const file = join(import.meta.dirname, 'checks.schema.json');
await writeFile(file, `${JSON.stringify(editorSchema(RULES.map(({ id }) => id)), null, 2)}\n`);
