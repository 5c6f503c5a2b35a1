/** How the lists of the pickers are asked for, and read; page by page, so that the first names stand there at once. */
import * as z from 'zod/mini';
import { AS_TABLE, readTable } from '../collect/table.ts';
import { ServiceSnapshot } from '../evidence/snapshots.ts';
import type { ListName, ListRead } from './choose.ts';
import { IngressHosts } from './destinations.ts';

/** A page comes in, is read and is drawn within one frame. */
const PAGE_SIZE = 500;

/** @param next  what the page before said to continue with; empty for the first */
export function requestFor(
  { list, namespace }: ListRead,
  next: string,
): { readonly path: string; readonly accept: string } {
  const { resource, accept, include } = RESOURCES[list];
  const [api = '', name = ''] = resource;
  const place = namespace === null ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  const more = next === '' ? '' : `&continue=${encodeURIComponent(next)}`;
  return { path: `${api}${place}/${name}?limit=${PAGE_SIZE}${include}${more}`, accept };
}

const JSON_OBJECTS = 'application/json';
/** Columns of `kubectl get`, and the owner of each Pod. */
const PODS = { resource: ['/api/v1', 'pods'], accept: AS_TABLE, include: '&includeObject=Metadata' } as const;
const SERVICES = { resource: ['/api/v1', 'services'], accept: JSON_OBJECTS, include: '' } as const;

const RESOURCES: Readonly<
  Record<ListName, { readonly resource: readonly string[]; readonly accept: string; readonly include: string }>
> = {
  pods: PODS,
  podsEverywhere: PODS,
  services: SERVICES,
  servicesEverywhere: SERVICES,
  ingresses: { resource: ['/apis/networking.k8s.io/v1', 'ingresses'], accept: JSON_OBJECTS, include: '' },
};

const ListPage = z.object({
  items: z.nullable(z.array(z.unknown())),
  metadata: z.optional(z.object({ continue: z.optional(z.string()) })),
});

/** What one answer holds. @throws when it is no list */
export function pageOf(name: ListName, body: unknown): { readonly items: readonly unknown[]; readonly next: string } {
  if (name === 'pods' || name === 'podsEverywhere') {
    const { rows, next } = readTable(body);
    return { items: rows, next };
  }
  const { items, metadata } = ListPage.parse(body);
  const schema = name === 'ingresses' ? IngressHosts : ServiceSnapshot;
  return { items: (items ?? []).map((item) => schema.parse(item)), next: metadata?.continue ?? '' };
}
