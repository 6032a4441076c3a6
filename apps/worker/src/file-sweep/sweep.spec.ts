import type { CohortClient } from '@cohort/client';
import { CohortError, type ErrorCode } from '@cohort/contracts';
import { addressOf, type StoredFile, type Unfinished } from '@cohort/file-store';
import { sweep } from './sweep';

const BEFORE = new Date('2030-01-01T00:00:00Z');
const OLD = new Date('2029-12-31T23:59:59Z');

interface Group {
  readonly avatar?: string;
  readonly status?: string;
  /** Names of shared files, by pages. */
  readonly pages?: readonly (readonly string[])[];
  readonly error?: ErrorCode;
}

async function* each<T>(items: readonly T[]): AsyncIterable<T> {
  for (const item of items) yield await Promise.resolve(item);
}

const file = (name: string, group: string | undefined, storedAt = OLD): StoredFile => ({
  name,
  labels: { kind: 'shared', ...(group === undefined ? {} : { group }) },
  size: 1,
  storedAt,
});

async function swept(
  groups: Readonly<Record<string, Group>>,
  stored: readonly StoredFile[],
  unfinished: Unfinished[] = [],
) {
  const [removed, failures, asked] = [[] as string[], [] as unknown[], [] as unknown[]];
  const query = (name: string, data: { groupId: string; after: string; cursor?: string }): Promise<unknown> => {
    asked.push([data.groupId, data.after]);
    const {
      avatar = '',
      status = 'active',
      pages = [[]],
      error,
    } = groups[data.groupId] ?? { error: 'GROUP_NOT_FOUND' };
    if (error !== undefined) return Promise.reject(new CohortError(error, error));
    if (name === 'group') return Promise.resolve({ avatar, status });
    const at = Number(data.cursor ?? 0);
    const files = (pages[at] ?? []).map((one) => ({ url: one.includes(':') ? one : addressOf(one) }));
    return Promise.resolve({ files, ...(at + 1 < pages.length ? { cursor: String(at + 1) } : {}) });
  };
  await sweep('shop', {
    files: {
      list: () => each(stored),
      remove: (_tenant, name) => Promise.resolve(void removed.push(name)),
      unfinished: () => each(unfinished),
      removeUnfinished: (_tenant, id) => Promise.resolve(void removed.push(`upload ${id}`)),
    },
    client: { query } as unknown as Pick<CohortClient, 'query'>,
    ...{ signal: new AbortController().signal, before: BEFORE, at: '7' },
    onRemoved: () => undefined,
    onFailure: (error) => failures.push((error as CohortError).code),
  });
  return { removed, failures, asked };
}

test('bytes that no file and no avatar of their group names are removed, and all others stay', async () => {
  const stored = ['plan', 'map', 'song', 'face', 'old-face'].map((name) => file(name, 'g'));
  const pages = [['plan', 'https://example.org/map'], ['song']];
  const { removed, asked } = await swept({ g: { avatar: 'https://im/file?object_name=face', pages } }, stored);
  expect(removed).toEqual(['map', 'old-face']);
  expect(asked).toEqual([
    ['g', '7'],
    ['g', '7'],
    ['g', '7'],
  ]);
});

test('bytes of a dismissed group and of an erased one are removed', async () => {
  const groups: Record<string, Group> = {
    d: { status: 'dismissed' },
    e: { error: 'DATA_ERASED' },
    f: { error: 'GROUP_DISMISSED' },
  };
  const { removed } = await swept(groups, [file('a', 'd'), file('b', 'e'), file('c', 'f')]);
  expect(removed).toEqual(['a', 'b', 'c']);
});

test('bytes stay while the group is not known, or the answer is late, and other groups are swept', async () => {
  const groups: Record<string, Group> = { late: { error: 'READ_MODEL_BEHIND' }, away: { error: 'UNAVAILABLE' }, g: {} };
  const stored = [file('a', 'lost'), file('b', 'late'), file('c', 'away'), file('d', 'g')];
  const { removed, failures } = await swept(groups, stored);
  expect(removed).toEqual(['d']);
  expect(failures).toEqual(['GROUP_NOT_FOUND', 'READ_MODEL_BEHIND', 'UNAVAILABLE']);
});

test('young bytes stay, since a command may be about to name them; so do the bytes of no group', async () => {
  const { removed } = await swept({ g: {} }, [file('young', 'g', BEFORE), file('key', undefined), file('old', 'g')]);
  expect(removed).toEqual(['old']);
});

test('uploads that were broken off are removed, and those in progress stay', async () => {
  const { removed } = await swept(
    {},
    [],
    [
      { id: '1', at: OLD },
      { id: '2', at: BEFORE },
    ],
  );
  expect(removed).toEqual(['upload 1']);
});
