/** What the tool may do in the cluster; each level includes the ones before it. */
export const ACCESS_LEVELS = ['api', 'source', 'backend', 'node'] as const;

export type Access = (typeof ACCESS_LEVELS)[number];

/** Whether a granted level includes a wanted one. */
export function permits(granted: Access, wanted: Access): boolean {
  return ACCESS_LEVELS.indexOf(granted) >= ACCESS_LEVELS.indexOf(wanted);
}
