import fc from 'fast-check';
import { DEFAULT_SETTINGS, PagedQuery, QUERIES, type EventMetadata, type QueryName } from '@cohort/contracts';
import {
  adminGranted,
  allBanned,
  allowListed,
  announcementPosted,
  applied,
  banned,
  blocked,
  created,
  fileShared,
  invited,
  joined,
} from '@cohort/contracts/testing';
import { EVERYTHING, FOUNDER, histories, USERS } from './testing/histories';
import { applyAll, discard, Log, openModel, scratch } from './testing/log';
import { testModels } from './testing/models';
import { refused } from './testing/refused';
import type { ReadModel } from './read-model';

const { file, remove } = scratch();
afterAll(remove);
const { modelOf } = testModels();

const app = 'demo';
const groupId = 'g';
const userId = USERS[0]!;

interface List {
  readonly name: QueryName;
  /** What it is asked by. */
  readonly of: object;
  /** Whether its pages count it. */
  readonly counts: boolean;
}
const counted = (name: QueryName, ...of: readonly object[]): List[] =>
  of.map((each) => ({ name, of: each, counts: true }));
const uncounted = (name: QueryName, of: object): List => ({ name, of, counts: false });

/** Each list that the read model has, by every way in which it is asked. */
const LISTS: readonly List[] = [
  ...counted('members', { groupId }, { groupId, role: 'admin' }, { groupId, role: 'member' }),
  ...counted('banned', { groupId }),
  ...counted('allowList', { groupId }),
  ...counted('blocked', { groupId }),
  ...counted('announcements', { groupId }),
  ...counted('files', { groupId }),
  ...counted('applications', { groupIds: [groupId, 'h', 'unknown'] }, { adminId: FOUNDER }),
  ...counted(
    'applications',
    ...['pending', 'expired', 'declined'].map((status) => ({ groupIds: [groupId, 'h'], status })),
  ),
  ...counted('invitations', { groupId }, { groupId, status: 'pending' }, { userId }, { userId, status: 'expired' }),
  ...counted('userGroups', { userId }),
  ...counted('publicGroups', {}),
  uncounted('searchGroups', { text: 'x' }),
  uncounted('appGroups', {}),
  uncounted('userBans', { userId }),
  uncounted('bannedUsers', {}),
  uncounted('bannedGroups', {}),
  uncounted('exportUser', { userId }),
  uncounted('openRequests', { userId }),
  uncounted('expiries', {}),
];

/** Lists of which the pages need the event store, too. `test/query/history.int-spec.ts` reads them. */
const BEYOND_THE_TABLES = ['groupHistory', 'membersAt', 'userHistory'];

type Entry = Readonly<Record<string, unknown>>;
interface Page {
  readonly cursor?: string;
  readonly total?: number;
  readonly revision?: string;
  readonly position?: string;
}

const ask = (model: ReadModel, { name, of }: List, more: object): Page =>
  model.queries[name as 'members']({ app, ...of, ...more } as never);
const entriesOf = (page: Page): Entry[] => Object.values(page).find(Array.isArray) as unknown as Entry[];

/** What an entry is, and what its place in its list depends on: by this, it is the same entry on another page. */
const PARTS = [
  ...['groupId', 'userId', 'inviter', 'announcementId', 'fileId', 'applicationId', 'invitationId'],
  ...['joinedAt', 'kind', 'id', 'endsAt'],
];
const keyOf = (entry: Entry) => JSON.stringify(PARTS.map((part) => entry[part] ?? ''));

/** Reads one list page by page, beside the whole list. */
class Reading {
  private readonly before: readonly string[];
  /** Entries that were in the list all the while. */
  private readonly stay: Set<string>;
  private readonly seen: string[] = [];
  private readonly states = new Set<string>();
  private cursor?: string;
  isDone = false;

  constructor(
    private readonly model: ReadModel,
    readonly list: List,
    private readonly limit: number,
  ) {
    this.before = this.whole() ?? [];
    this.stay = new Set(this.before);
  }

  /** The whole list on one page; undefined if its group has ended. */
  private whole(): string[] | undefined {
    let page: Page | undefined;
    const error = refused(() => (page = ask(this.model, this.list, { limit: 1_000 })));
    if (error !== undefined) expect(error.code).toBe('GROUP_DISMISSED');
    return page && entriesOf(page).map(keyOf);
  }

  /** Reads a page. Returns how many entries it has. */
  next(): number {
    const now = this.whole();
    this.isDone = now === undefined;
    if (now === undefined) return 0;
    for (const entry of this.stay) if (!now.includes(entry)) this.stay.delete(entry);
    const page = ask(this.model, this.list, {
      limit: this.limit,
      ...(this.cursor === undefined ? {} : { cursor: this.cursor }),
    });
    const entries = entriesOf(page);
    expect(entries.length).toBeLessThanOrEqual(this.limit);
    this.same('total', page.total, this.list.counts ? now.length : undefined);
    this.states.add(page.revision ?? page.position ?? '');
    this.seen.push(...entries.map(keyOf));
    expect(this.seen.length).toBeLessThan(1_000);
    this.cursor = page.cursor;
    this.isDone = page.cursor === undefined;
    if (this.isDone) this.check();
    return entries.length;
  }

  private check(): void {
    const those = (entries: readonly string[]) => entries.filter((entry) => this.stay.has(entry));
    this.same('entries', those(this.seen), those(this.before));
    this.same('revisions or positions', this.states.size, 1);
  }

  private same(what: string, actual: unknown, expected: unknown): void {
    const { name, of } = this.list;
    expect({ name, of, [what]: actual }).toEqual({ name, of, [what]: expected });
  }
}

test('all lists of the contracts are read here', () => {
  const paged = Object.entries(QUERIES)
    .filter(([, { dto }]) => PagedQuery.prototype.isPrototypeOf(dto.prototype as object))
    .map(([name]) => name);
  expect([...new Set(LISTS.map(({ name }) => name)), ...BEYOND_THE_TABLES].sort()).toEqual(paged.sort());
});

test('the pages of a list have each entry exactly once that is in the list all the while, in its order, and count the list', async () => {
  const groups = [groupId, 'h', 'i'];
  const lives = fc.subarray(Object.values(EVERYTHING), { minLength: 2, maxLength: 3 }).chain((features) =>
    histories(groups, ['join', 'join', 'leave', 'grant', 'setVisibility', ...features.flat()], {
      minLength: 80,
      maxLength: 140,
    }),
  );
  const pages = fc.record({
    begin: fc.integer({ min: 30, max: 70 }),
    every: fc.integer({ min: 1, max: 4 }),
    limit: fc.integer({ min: 1, max: 3 }),
  });
  const read = new Map<List, number>();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(lives, pages, async ({ log: { events } }, { begin, every, limit }) => {
      const name = file(`${run++}.db`);
      const model = openModel(name);
      const isLast = (end: number) => {
        const { index, size } = events[end - 1]!.metadata.batch as EventMetadata['batch'];
        return index + 1 === size;
      };
      let applied = 0;
      const apply = async (count: number) => {
        let end = Math.min(applied + count, events.length);
        while (!isLast(end)) end += 1;
        await applyAll(model, { events: events.slice(applied, end) });
        applied = end;
      };
      try {
        await apply(begin);
        let readings = LISTS.map((list) => new Reading(model, list, limit));
        while (readings.length > 0) {
          for (const reading of readings) read.set(reading.list, (read.get(reading.list) ?? 0) + reading.next());
          readings = readings.filter(({ isDone }) => !isDone);
          if (applied < events.length) await apply(every);
        }
      } finally {
        await discard([model, name]);
      }
    }),
    { numRuns: 25 },
  );
  // Most lists had entries: which, depends on the seed.
  const names = new Set(LISTS.filter((list) => read.get(list)! > 0).map(({ name }) => name));
  expect(names.size).toBeGreaterThan(8);
}, 60_000);

describe('the cursor of a list', () => {
  const END = 4e12;
  const settings = { ...DEFAULT_SETTINGS, visibility: 'public' } as const;
  /** A log in which each list of `LISTS` has two entries, if it is asked without a status. */
  function log(tenant = app): Log {
    const made = new Log(tenant);
    for (const [n, id] of [groupId, 'h'].entries()) {
      made.group(
        id,
        created(FOUNDER, { name: 'x', numericId: String(n), settings }),
        joined('add', 5, userId, 'b', 'c', 'd'),
      );
      made.group(
        id,
        adminGranted('b', 'c'),
        banned(END, userId, 'b'),
        allowListed('b', 'c'),
        blocked('y', 'z'),
        allBanned(END),
      );
      made.group(id, announcementPosted('1'), announcementPosted('2'), fileShared('1', 'b'), fileShared('2', 'b'));
      made.group(id, applied('y', 1, END), applied('z', 2, END));
      made.group(id, invited('b', { [userId]: 1 }, END), invited('c', { [userId]: 2 }, END));
    }
    return made;
  }
  const lists = LISTS.filter(({ of }) => !/expired|declined/.test(JSON.stringify(of)));
  const cursorOf = (model: ReadModel, list: List): string => ask(model, list, { limit: 1 }).cursor!;
  const codeOf = (model: ReadModel, list: List, more: object) =>
    refused(() => ask(model, list, more))?.code ?? 'answered';

  it('is refused by every other list, and by the same list of another group, user, role, status or tenant', async () => {
    const model = await modelOf(log());
    const others = [
      ...lists,
      ...['members', 'banned', 'files'].map((name) => ({ ...lists[0]!, name, of: { groupId: 'h' } }) as List),
    ];
    for (const list of lists) {
      const cursor = cursorOf(model, list);
      expect([list, typeof cursor, codeOf(model, list, { cursor })]).toEqual([list, 'string', 'answered']);
      for (const other of others) {
        if (other !== list)
          expect([list, other, codeOf(model, other, { cursor })]).toEqual([list, other, 'CURSOR_INVALID']);
      }
    }
    const foreign = await modelOf(log('other'));
    for (const list of lists) {
      const { cursor } = ask(foreign, list, { limit: 1, app: 'other' });
      expect([list, codeOf(model, list, { cursor })]).toEqual([list, 'CURSOR_INVALID']);
    }
  });

  it('is refused if it is none, or if another key is in it', async () => {
    const model = await modelOf(log());
    const part = fc.oneof(fc.integer(), fc.constantFrom(userId, groupId, 'b', '1', null, 1.5, {}), fc.string());
    for (const list of lists) {
      const parts = JSON.parse(Buffer.from(cursorOf(model, list), 'base64url').toString()) as unknown[];
      const code = (cursor: string) => codeOf(model, list, { cursor });
      fc.assert(
        fc.property(fc.string({ minLength: 1 }), (text) => expect(code(text)).toBe('CURSOR_INVALID')),
        { numRuns: 10 },
      );
      const withKey = (key: unknown) => Buffer.from(JSON.stringify(parts.with(4, key))).toString('base64url');
      fc.assert(
        fc.property(fc.oneof(fc.array(part, { maxLength: 5 }), part), (key) => {
          // A key of the right types is a place, though it may be none that a page ended at.
          expect(['CURSOR_INVALID', 'answered']).toContain(code(withKey(key)));
        }),
        { numRuns: 60 },
      );
      for (const key of [[], [true], [1, 2, 3, 4, 5]]) expect(code(withKey(key))).toBe('CURSOR_INVALID');
    }
  });
});
