/** What the tool may do in the cluster; each level includes the ones before it. */
export const ACCESS_LEVELS = ['api', 'source', 'backend', 'node'] as const;

export type Access = (typeof ACCESS_LEVELS)[number];

/** Whether a granted level includes a wanted one. */
export function permits(granted: Access, wanted: Access): boolean {
  return ACCESS_LEVELS.indexOf(granted) >= ACCESS_LEVELS.indexOf(wanted);
}

/** What happens in the cluster at each level, for `--help` and the README. */
export const ACCESS_EFFECTS: Readonly<Record<Access, string>> = {
  api: 'reads only; nothing is created',
  source:
    'one debug container in the source Pod, reused by the next run; its process ends 15 minutes after its last use',
  backend: 'the same in up to three backend Pods, where a question cannot be answered without',
  node: 'one Pod with host network on each node where packets were lost; removed before the run ends',
};
