import type { CohortClient } from '@cohort/client';
import { CohortError, PAGE, type Position } from '@cohort/contracts';
import { nameIn, type FileInventory } from '@cohort/file-store';

export interface SweepOptions {
  readonly files: Omit<FileInventory, 'tenants'>;
  readonly client: Pick<CohortClient, 'query'>;
  /** The sweep ends early when this is aborted. */
  readonly signal: AbortSignal;
  /** What is younger may be named soon. */
  readonly before: Date;
  /** Everything that names a file is known at this position. */
  readonly at: Position;
  onRemoved(this: void, what: 'file' | 'upload'): void;
  /** A group's files are left for the next sweep. */
  onFailure(this: void, error: unknown): void;
}

/** Removes the bytes of a tenant that nothing names: of files that are no longer there, and of uploads that were broken off. */
export async function sweep(tenant: string, options: SweepOptions): Promise<void> {
  const { files, signal, before, onRemoved, onFailure } = options;
  const byGroup = new Map<string, string[]>();
  for await (const { name, labels, storedAt } of files.list(tenant)) {
    const { group } = labels;
    if (group !== undefined && storedAt < before) byGroup.set(group, [...(byGroup.get(group) ?? []), name]);
  }
  for (const [group, names] of byGroup) {
    if (signal.aborted) return;
    try {
      const named = await namedIn(tenant, group, options);
      for (const name of names.filter((one) => !named(one))) {
        await files.remove(tenant, name);
        onRemoved('file');
      }
    } catch (error) {
      onFailure(error);
    }
  }
  for await (const { id, at } of files.unfinished(tenant)) {
    if (signal.aborted) return;
    if (at >= before) continue;
    await files.removeUnfinished(tenant, id);
    onRemoved('upload');
  }
}

const nothing = (): boolean => false;
const GONE: readonly string[] = ['GROUP_DISMISSED', 'DATA_ERASED'];

/**
 * Which names a group has: of its shared files, and of its avatar. A dismissed group has none. Throws for a group that isn't
 * known: if its log was lost, it may come back.
 */
async function namedIn(
  tenant: string,
  groupId: string,
  { client, at }: Pick<SweepOptions, 'client' | 'at'>,
): Promise<(name: string) => boolean> {
  const of = { app: tenant, groupId, after: at };
  try {
    const { avatar, status } = await client.query('group', of);
    if (status === 'dismissed') return nothing;
    const shared = new Set<string | undefined>();
    let cursor: string | undefined;
    do {
      const page = await client.query('files', {
        ...of,
        limit: PAGE.maxLimit,
        ...(cursor !== undefined && { cursor }),
      });
      for (const { url } of page.files) shared.add(nameIn(url));
      ({ cursor } = page);
    } while (cursor !== undefined);
    return (name) => shared.has(name) || avatar.includes(name);
  } catch (error) {
    if (error instanceof CohortError && GONE.includes(error.code)) return nothing;
    throw error;
  }
}
