import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CohortClient, everyPage, mirror, type MirroredList, type MirrorOf } from '@cohort/client';
import { CohortError, groupStream, type EventMetadata, type GroupEventData, type QueryData } from '@cohort/contracts';
import { adminGranted, created, dismissed, infoChanged, joined, left } from '@cohort/contracts/testing';
import { ReadModel, type LogEvent } from '@cohort/read-model';
import fc from 'fast-check';
import { EVERYTHING, FOUNDER, histories, USERS } from '../../libs/read-model/src/testing/histories';
import { olderBuild } from '../../libs/read-model/src/testing/older-build';
import type { Part } from '../support/stack';
import { startTcpProxy } from '../support/tcp-proxy';
import { waitFor } from '../support/wait-for';
import { Surroundings } from './support';

const app = 'demo';

describe('copies of lists, whatever happens to the groups', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-mirrors-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  /** Small, so that the logs of removals are trimmed often. */
  const keptChanges = 1;
  const groups = ['g', 'h'];
  const users = [FOUNDER, ...USERS];

  /** A copy that is rarely refreshed, with pages of one entry, so that the whole list is returned for every seed. */
  const SELDOM = { every: 20, limit: 1 };

  /** Computes from the log which removals are no longer known: up to a revision per group, up to a position per user. */
  function forgotten(events: readonly LogEvent[]) {
    const revisions = new Map<string, number>();
    const positions = new Map<string, number>();
    const leaving = events.filter(({ type }) => type === 'memberLeft' || type === 'memberKicked');
    for (const { stream, revision, data } of leaving) {
      const { memberCount } = data as GroupEventData['memberLeft'];
      const upTo = revision - Math.max(keptChanges, memberCount);
      revisions.set(stream, Math.max(upTo, revisions.get(stream) ?? 0));
    }
    for (const { stream, revision, position, data } of leaving) {
      if (revision > revisions.get(stream)!) continue;
      for (const { userId } of (data as GroupEventData['memberLeft']).members) {
        positions.set(userId, Math.max(Number(position), positions.get(userId) ?? 0));
      }
    }
    return { revisions, positions };
  }

  it('equal the lists, and a whole list is returned only when the log no longer covers the copy', async () => {
    const answered = { whole: 0, changes: 0, pages: 0 };
    const viewers = fc.array(
      fc.record({ every: fc.integer({ min: 1, max: 60 }), limit: fc.integer({ min: 1, max: 5 }) }),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    await fc.assert(
      fc.asyncProperty(
        histories(groups, undefined, { minLength: 40, maxLength: 100 }),
        viewers,
        async ({ log }, each) => {
          const file = join(directory, 'model.db');
          const model = ReadModel.open({ file, store: 'store', keptChanges });
          let applied: readonly LogEvent[] = [];

          /** A node with small pages. Checks that it returns the whole list exactly when it should. */
          const client = (limit: number) => ({
            query: <N extends 'members' | 'userGroups'>(name: N, data: QueryData<N>) => {
              const answer = model.queries[name]({
                ...data,
                limit,
              } as never);
              const { groupId, userId, sinceRevision, sincePosition } = data as Partial<
                QueryData<'members'> & QueryData<'userGroups'>
              >;
              const since = sinceRevision ?? sincePosition;
              if (since !== undefined) {
                const { revisions, positions } = forgotten(applied);
                const upTo = userId === undefined ? revisions.get(groupStream(app, groupId!)) : positions.get(userId);
                expect(answer.full).toBe(Number(since) < (upTo ?? 0));
                answered[answer.full ? 'whole' : 'changes'] += 1;
                if (answer.more) answered.pages += 1;
              }
              return Promise.resolve(answer);
            },
          });
          const copies = [...each, SELDOM].map(({ every, limit }) => {
            const asked = client(limit) as unknown as Pick<CohortClient, 'query'>;
            return {
              every,
              members: groups.map((groupId) => [groupId, mirror(asked, 'members', { app, groupId })] as const),
              groups: users.map((userId) => [userId, mirror(asked, 'userGroups', { app, userId })] as const),
            };
          });

          try {
            for (const [n, event] of log.events.entries()) {
              await model.applyBatch([event], event.position);
              applied = log.events.slice(0, n + 1);
              // A node shows whole appends only.
              const { index, size } = event.metadata.batch as EventMetadata['batch'];
              if (index + 1 < size) continue;
              // The first events create all groups.
              for (const copy of copies.filter(({ every }) => n >= groups.length - 1 && n % every === 0)) {
                for (const [groupId, members] of copy.members) {
                  const outcome = await members.refresh().catch((error: unknown) => error as CohortError);
                  if (outcome instanceof CohortError) {
                    expect(outcome.code).toBe('GROUP_DISMISSED');
                    continue;
                  }
                  const list = model.queries.members({ app, groupId, limit: 1_000 }).members;
                  expect(new Map(outcome)).toEqual(new Map(list.map((member) => [member.userId, member])));
                }
                for (const [userId, joined] of copy.groups) {
                  const list = model.queries.userGroups({ app, userId, limit: 1_000 }).groups;
                  expect(new Map(await joined.refresh())).toEqual(new Map(list.map((group) => [group.groupId, group])));
                }
              }
            }
          } finally {
            model.close();
            rmSync(file);
          }
        },
      ),
      // A counterexample that isn't the smallest is better than a timeout.
      { numRuns: 40, interruptAfterTimeLimit: 150_000 },
    );
    // Every kind of answer was checked.
    expect(Math.min(answered.whole, answered.changes, answered.pages)).toBeGreaterThan(20);
  }, 180_000);
});

describe('copies of all lists', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-copies-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  const [first, second] = ['g', 'h'];
  const inGroups = [first, second].map((groupId) => ({ app, groupId }));
  const ofUsers = [...USERS.slice(0, 3), FOUNDER].map((userId) => ({ app, userId }));
  const kept: { readonly [N in MirroredList]: readonly MirrorOf[N][] } = {
    members: inGroups,
    banned: inGroups,
    allowList: inGroups,
    blocked: inGroups,
    announcements: inGroups,
    files: inGroups,
    applications: [[first], [first, second], [second, 'later']].map((groupIds) => ({ app, groupIds })),
    invitations: [...inGroups, ...ofUsers],
    userGroups: ofUsers,
  };

  /** Copies that are refreshed often and seldom, with pages of one entry or of a few. */
  const VIEWERS = [
    { every: 10, limit: 1 },
    { every: 40, limit: 2 },
  ];

  /** Entries in any order, as the client's copy and the list's pages have them. */
  const sorted = (entries: Iterable<object>) => [...entries].map((entry) => JSON.stringify(entry)).sort();
  const answered = new Map<string, { whole: number; changes: number; more: number }>();

  function copyOf<N extends MirroredList>(name: N, of: MirrorOf[N], limit: number, model: () => ReadModel) {
    const counts = answered.get(name) ?? { whole: 0, changes: 0, more: 0 };
    answered.set(name, counts);
    const ask = (list: N, data: object) => model().queries[list](data as never) as { full: boolean; more?: boolean };
    const client = {
      query: (list: N, data: { sinceRevision?: string; sincePosition?: string }) => {
        const answer = ask(list, { ...data, limit });
        if (data.sinceRevision !== undefined || data.sincePosition !== undefined) {
          counts[answer.full ? 'whole' : 'changes'] += 1;
          if (answer.more) counts.more += 1;
        }
        return Promise.resolve(answer);
      },
    } as unknown as Pick<CohortClient, 'query'>;
    const copy = mirror(client, name, of);
    const whole = async () => {
      const pages = await everyPage((cursor) =>
        Promise.resolve(
          ask(name, { ...of, limit: 7, cursor }) as unknown as Record<string, object[]> & { cursor?: string },
        ),
      );
      return sorted(pages.flatMap((page) => Object.values(page).filter(Array.isArray).flat() as object[]));
    };
    return async () => {
      const outcome = await copy.refresh().catch((error: unknown) => error as CohortError);
      if (outcome instanceof CohortError) return expect(outcome.code).toBe('GROUP_DISMISSED');
      expect({ list: name, of, entries: sorted(outcome.values()) }).toEqual({ list: name, of, entries: await whole() });
    };
  }

  it('equal the lists after whatever happens to groups, answered by two nodes of which one is built anew', async () => {
    // Two or three features at a time, so that much happens to the same entries.
    const lives = fc.subarray(Object.values(EVERYTHING), { minLength: 2, maxLength: 3 }).chain((features) => {
      const kinds = ['join', 'leave', ...features.flat()] as const;
      return histories([first, second], kinds, { minLength: 80, maxLength: 160 });
    });
    await fc.assert(
      fc.asyncProperty(lives, fc.infiniteStream(fc.boolean()), async ({ log }, choices) => {
        const open = (name: string) => ReadModel.open({ file: join(directory, name), store: 'store', keptChanges: 5 });
        const files = ['one.db', 'two.db'];
        const models = files.map(open);
        const half = Math.floor(log.events.length / 2);
        const copies = VIEWERS.map(({ every, limit }) => {
          const model = () => models[choices.next().value === true ? 1 : 0]!;
          const all = (Object.keys(kept) as MirroredList[]).flatMap((name) =>
            kept[name].map((of) => copyOf(name, of, limit, model)),
          );
          return { every, all };
        });
        try {
          for (const [n, event] of log.events.entries()) {
            for (const model of models) await model.applyBatch([event], event.position);
            const { index, size } = event.metadata.batch as EventMetadata['batch'];
            if (index + 1 < size || n < 1) continue;
            if (n >= half && models.length === files.length) {
              models.pop()!.close();
              rmSync(join(directory, 'two.db'));
              models.push(open('two.db'));
              files.push('rebuilt');
              await models[1]!.applyBatch(log.events.slice(0, n + 1), event.position);
            }
            for (const { every, all } of copies) if (n % every === 0) for (const check of all) await check();
          }
        } finally {
          models.forEach((model) => model.close());
          ['one.db', 'two.db'].forEach((name) => rmSync(join(directory, name)));
        }
      }),
      { numRuns: 10, interruptAfterTimeLimit: 150_000 },
    );
    // Every list reported changes. Some did so in several pages, and some needed the whole list.
    const counts = [...answered.values()];
    expect(answered.size).toBe(Object.keys(kept).length);
    expect(Math.min(...counts.map(({ changes }) => changes))).toBeGreaterThan(5);
    for (const kind of ['whole', 'more'] as const)
      expect(counts.filter((one) => one[kind] > 0).length).toBeGreaterThan(4);
  }, 180_000);
});

describe('a copy that is answered by nodes of two versions of the service', () => {
  const directory = mkdtempSync(join(tmpdir(), 'cohort-versions-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it('equals the list of the newer nodes once no older node is left', async () => {
    const features = olderBuild('adminGranted', 'memberKicked');
    const kinds = ['join', 'kick', 'grant', 'leave'] as const;
    await fc.assert(
      fc.asyncProperty(
        histories(['g'], kinds, { minLength: 10, maxLength: 30 }),
        fc.infiniteStream(fc.boolean()),
        async ({ log }, choices) => {
          const files = ['older.db', 'newer.db'].map((name) => join(directory, name)) as [string, string];
          const models = [
            ReadModel.open({ file: files[0], store: 'store', features }),
            ReadModel.open({ file: files[1], store: 'store' }),
          ] as const;
          let newerOnly = false;
          const client = {
            query: (_name: string, data: QueryData<'members'>) => {
              const model = models[newerOnly || choices.next().value === true ? 1 : 0];
              return Promise.resolve(model.queries.members({ ...data, limit: 2 }));
            },
          } as unknown as Pick<CohortClient, 'query'>;
          const copy = mirror(client, 'members', { app, groupId: 'g' });
          try {
            const half = Math.ceil(log.events.length / 2);
            for (const part of [log.events.slice(0, half), log.events.slice(half)]) {
              for (const model of models) await model.applyBatch(part, part.at(-1)?.position ?? log.head);
              await copy.refresh();
            }
            newerOnly = true;
            await copy.refresh();
            const { members } = models[1].queries.members({ app, groupId: 'g', limit: 1_000 });
            expect(new Map(copy.entries)).toEqual(new Map(members.map((member) => [member.userId, member])));
          } finally {
            models.forEach((model) => model.close());
            files.forEach((file) => rmSync(file));
          }
        },
      ),
      { numRuns: 60, interruptAfterTimeLimit: 150_000 },
    );
  }, 180_000);
});

describe('copies of lists, kept over NATS', () => {
  let around: Surroundings;
  let client: CohortClient;
  beforeEach(async () => {
    around = await Surroundings.start();
    client = await CohortClient.connect({ servers: around.nats.url });
  });
  afterEach(async () => {
    await client?.close();
    await around?.stop();
  });

  const ofSales = { app, groupId: 'sales' };
  const ofBob = { app, userId: 'bob' };
  const metric = async ({ healthUrl }: Part, line: RegExp): Promise<number> =>
    Number(line.exec(await (await fetch(`${healthUrl}/metrics`)).text())?.[1] ?? 0);

  it('are up to date with every write, whichever of two nodes answers', async () => {
    const { writer } = around;
    const nodes = await Promise.all([around.node('one'), around.node('two')]);
    let { position: after } = await writer.group('sales', created('ann'), joined('add', 2, 'bob'));
    const [members, groups] = [mirror(client, 'members', ofSales), mirror(client, 'userGroups', ofBob)];
    const here = new Set(['ann', 'bob']);
    for (let i = 0; i < 120; i++) {
      const leaving = [...here].find((user) => user.startsWith('u'));
      const isLeaving = i % 3 === 2 && leaving !== undefined;
      if (isLeaving) here.delete(leaving);
      else here.add(`u${i}`);
      ({ position: after } = await writer.group(
        'sales',
        isLeaving ? left(here.size, leaving) : joined('add', here.size, `u${i}`),
        ...(i % 10 === 0 ? [infoChanged({ name: `Sales ${i}` })] : []),
      ));
      if (i % 20 === 0) ({ position: after } = await writer.group(`g${i}`, created('bob')));
      await Promise.all([members.refresh({ after }), groups.refresh({ after })]);
      expect(new Set(members.entries.keys())).toEqual(here);
      expect(groups.entries.get('sales')).toMatchObject({ memberCount: here.size, name: `Sales ${i - (i % 10)}` });
      expect(groups.entries.size).toBe(2 + Math.floor(i / 20));
    }
    for (const node of nodes) {
      expect(
        await metric(node, /^cohort_query_duration_seconds_count\{query="members",outcome="ok"\} (\d+)/m),
      ).toBeGreaterThan(9);
    }

    ({ position: after } = await writer.group('sales', dismissed()));
    await expect(members.refresh({ after })).rejects.toMatchObject({ code: 'GROUP_DISMISSED' });
    expect((await groups.refresh({ after })).has('sales')).toBe(false);
  });

  it('get the same changes from a rebuilt node', async () => {
    const { writer } = around;
    await writer.group('sales', created('ann'), joined('add', 2, 'bob'));
    for (let i = 0; i < 10; i++) {
      await writer.group('sales', joined('add', 3, `u${i}`), adminGranted(`u${i}`));
      await writer.group('sales', left(2, `u${i}`), left(1, 'bob'), joined('add', 2, 'bob'));
    }
    const { position: after } = await writer.group('other', created('bob'));
    const positions: string[] = [];
    for await (const { position } of around.store.read(groupStream(app, 'sales'), {})) positions.push(position);
    const answers = async () => {
      const { basis } = await client.query('userGroups', { ...ofBob, after });
      return Promise.all(
        positions.flatMap((sincePosition, revision) => [
          client.query('members', { ...ofSales, sinceRevision: String(revision), basis, limit: 3 }),
          client.query('userGroups', { ...ofBob, sincePosition, basis, limit: 1 }),
        ]),
      );
    };
    await around.node('first');
    const first = await answers();
    expect(first.every(({ full }) => !full)).toBe(true);
    expect(first.some(({ more }) => more)).toBe(true);
    await around.stopNodes();
    await around.node('second');
    expect(await answers()).toEqual(first);
  });

  it('get their changes from a node that is behind only after it has caught up', async () => {
    const { writer } = around;
    await writer.group('sales', created('ann'), joined('add', 2, 'bob'));
    const proxy = await startTcpProxy(around.eventStore.port);
    try {
      await around.node('ahead');
      const behind = await around.node('behind', {
        EVENTSTORE_URL: around.eventStore.url.replace(/:\d+/, `:${proxy.port}`),
        QUERY_AFTER_TIMEOUT_MS: '60000',
      });
      proxy.set('refuse');
      const users = Array.from({ length: 5 }, (_, i) => `u${i}`);
      const { position, revision } = await writer.group('sales', joined('add', 7, ...users));
      const options = { timeoutMs: 60_000 };
      const waiting = () => metric(behind, /^cohort_query_waiting (\d+)/m);
      let done = 0;
      const first = Array.from({ length: 16 }, () =>
        client.query('members', { ...ofSales, after: position, limit: 4 }, options).finally(() => (done += 1)),
      );
      const now = await Promise.any(first);
      // Each of them has its answer, or waits for it.
      await waitFor(async () => (await waiting()) + done === first.length);
      const waited = first.length - done;
      expect(now.revision).toBe(String(revision));
      const { basis, cursor } = now;
      let answered = 0;
      const asks = Array.from({ length: 16 }, () => [
        client.query('members', { ...ofSales, sinceRevision: now.revision, basis }, options),
        client.query('userGroups', { ...ofBob, sincePosition: position, basis }, options),
        client.query('members', { ...ofSales, cursor: cursor! }, options),
      ]).flat();
      for (const ask of asks) void ask.then(() => (answered += 1));
      await waitFor(async () => (await waiting()) > waited + 3);
      await waitFor(() => answered > 3);
      expect(answered).toBeLessThan(asks.length);
      proxy.set('pass');
      for (const [i, answer] of (await Promise.all(asks)).entries()) {
        if (i % 3 < 2) expect(answer).toMatchObject({ full: false, removed: [], more: false });
        else expect(answer).toMatchObject({ full: true, revision: now.revision, members: [{}, {}, {}] });
      }
    } finally {
      await around.stopNodes();
      await proxy.close();
    }
  });

  it('are read again from the beginning if the event store was replaced', async () => {
    await around.writer.group('sales', created('ann'), joined('add', 2, 'bob'), joined('add', 3, 'lost'));
    await around.node('one');
    const [members, groups] = [mirror(client, 'members', ofSales), mirror(client, 'userGroups', ofBob)];
    await Promise.all([members.refresh(), groups.refresh()]);
    expect([...members.entries.keys(), ...groups.entries.keys()]).toEqual(['ann', 'bob', 'lost', 'sales']);

    await around.stopNodes();
    await around.replaceEventStore('another');
    await around.writer.group('support', created('bob'));
    const { position: after } = await around.writer.group('sales', created('eve'));
    await around.node('one');
    await Promise.all([members.refresh({ after }), groups.refresh({ after })]);
    expect([...members.entries.keys(), ...groups.entries.keys()]).toEqual(['eve', 'support']);
  });
});
