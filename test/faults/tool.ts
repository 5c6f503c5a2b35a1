// The tool under test, run as its users run it: on the workstation, by its name and its JSON.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Flow } from './define.ts';
import { type Lab, type Outcome, REPO } from './lab.ts';

export const TOOL = process.env.NETDEBUG ?? join(REPO, 'plugin/kubectl-netdebug');
/** Further flags for every run, such as the image that the lab has. */
const FLAGS = (process.env.NETDEBUG_FLAGS ?? '').split(' ').filter(Boolean);

export const toolIsBuilt = (): boolean => existsSync(TOOL);

export const question = ({ namespace, source, destination, access, flags = [] }: Flow): string[] => [
  '-n',
  namespace,
  source,
  destination,
  '--access',
  access ?? 'source',
  ...flags,
];

export function askTool(lab: Lab, flow: Flow): Promise<Outcome> {
  return lab.ws([TOOL, ...question(flow), '-o', 'json', ...FLAGS], { seconds: 90 });
}
