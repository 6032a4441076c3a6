import { CohortError, FIRST_ALIAS, userNumberStream, type Actor } from '@cohort/contracts';
import { OutcomeUnknown, StoreUnavailable, StreamDeleted, WrongExpectedRevision } from '@cohort/event-store';
import type { Appended, EventStore, NewEvent, StoredEvent } from '@cohort/event-store';
import fc from 'fast-check';
import type { CommandRequest } from '../command-request';
import { UserNumbers } from './user-numbers';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

/** A store in memory, whose calls end in the order that the test chooses. */
class Streams {
  readonly all = new Map<string, StoredEvent[]>();
  readonly deleted = new Set<string>();
  failing: Error | undefined;
  private position = 0;

  constructor(private readonly turn: () => Promise<unknown> = () => Promise.resolve()) {}

  append = async (stream: string, events: readonly NewEvent[], expected: unknown): Promise<Appended> => {
    await this.turn();
    if (this.failing) throw this.failing;
    if (this.deleted.has(stream)) throw new StreamDeleted(stream);
    const there = this.all.get(stream) ?? [];
    if (expected !== 'none' || there.length > 0) throw new WrongExpectedRevision(stream, there.length - 1);
    const appended = { revision: there.length, position: String(++this.position) };
    const [event] = events;
    this.all.set(stream, [{ ...event!, ...appended, stream, created: new Date(NOW) } as StoredEvent]);
    await this.turn();
    return appended;
  };

  read = ((stream: string) => {
    const events = this.all.get(stream) ?? [];
    const turn = this.turn;
    const isDeleted = this.deleted.has(stream);
    return (async function* () {
      await turn();
      if (isDeleted) throw new StreamDeleted(stream);
      yield* events.slice(0, 1);
    })();
  }) as unknown as EventStore['read'];
}

let next = FIRST_ALIAS;
const aliases = { take: () => Promise.resolve(String(next++)) };
const nodeOn = (store: Streams) => new UserNumbers({ store, aliases, now: () => NOW });

function request(
  userIds: string[],
  over: { actor?: Actor; app?: string; deadline?: number; expectedRevision?: number } = {},
) {
  const { actor = { type: 'service' }, app = 'demo', deadline = Infinity, ...more } = over;
  return {
    type: 'assignNumbers',
    app: { id: app, ownerPolicy: 'refuse', groupCapacity: 10 },
    commandId: 'c',
    commandHash: '0123456789abcdef',
    deadline,
    data: { app, actor, userIds },
    ...more,
  } as CommandRequest<'assignNumbers'>;
}

test('each user whose id is no decimal below 2^52 gets an alias, and the others have their ids', async () => {
  const node = nodeOn(new Streams());
  const answer = await node.execute(request(['ann', '20', '4503599627370495', '4503599627370496', '020', 'ann']));
  expect(answer.numbers.map(({ userId }) => userId)).toEqual([
    'ann',
    '20',
    '4503599627370495',
    '4503599627370496',
    '020',
  ]);
  const [ann, twenty, below, above, zero] = answer.numbers.map(({ number }) => number);
  expect([twenty, below]).toEqual(['20', '4503599627370495']);
  for (const alias of [ann, above, zero]) expect(BigInt(alias!)).toBeGreaterThanOrEqual(FIRST_ALIAS);
  expect(new Set([ann, above, zero]).size).toBe(3);
  expect(answer).toMatchObject({ missing: [], position: '3' });
});

test('a number is an event in a stream of its own, with the metadata of its command', async () => {
  const store = new Streams();
  const { numbers } = await nodeOn(store).execute(request(['a/b']));
  expect([...store.all.keys()]).toEqual(['userNumber-demo/a/b']);
  expect(store.all.get(userNumberStream('demo', 'a/b'))).toMatchObject([
    {
      type: 'numberAssigned',
      data: { number: numbers[0]!.number },
      metadata: {
        app: 'demo',
        actor: { type: 'service' },
        commandId: 'c',
        at: '2026-01-02T03:04:05.678Z',
        schemaVersion: 1,
      },
    },
  ]);
});

test('a repeat gets the same numbers and positions, also from another node', async () => {
  const store = new Streams();
  const first = await nodeOn(store).execute(request(['ann', 'bob']));
  expect(await nodeOn(store).execute(request(['ann', 'bob']))).toEqual(first);
  expect(await nodeOn(store).execute(request(['bob']))).toEqual({
    numbers: [first.numbers[1]],
    missing: [],
    position: first.position,
  });
});

test('the same user of two tenants has two numbers', async () => {
  const store = new Streams();
  const node = nodeOn(store);
  const [one, other] = await Promise.all(['one', 'other'].map((app) => node.execute(request(['ann'], { app }))));
  expect(one!.numbers[0]!.number).not.toBe(other!.numbers[0]!.number);
});

test('of nodes that give numbers at the same time, all answer the same, and no number is given twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.uniqueArray(fc.constantFrom(...'abcdef'), { minLength: 1 }), { minLength: 2, maxLength: 5 }),
      async (scheduler, commands) => {
        const store = new Streams(() => scheduler.schedule(Promise.resolve()));
        const answers = Promise.all(commands.map((userIds) => nodeOn(store).execute(request(userIds))));
        await scheduler.waitFor(answers);
        const given = new Map<string, string>();
        for (const { numbers, missing } of await answers) {
          expect(missing).toEqual([]);
          for (const { userId, number } of numbers) {
            expect(given.get(userId) ?? number).toBe(number);
            given.set(userId, number);
          }
        }
        expect(new Set(given.values()).size).toBe(given.size);
      },
    ),
    { numRuns: 50 },
  );
});

test('a user whose stream was deleted, or begins with a strange event, can have no number', async () => {
  const store = new Streams();
  store.deleted.add(userNumberStream('demo', 'ann'));
  await store.append(
    userNumberStream('demo', 'bob'),
    [{ id: 'x', type: 'numberAssigned', data: {}, metadata: {} }],
    'none',
  );
  const { numbers, missing } = await nodeOn(store).execute(request(['ann', 'bob', 'cid', '7']));
  expect(numbers.map(({ userId }) => userId)).toEqual(['cid', '7']);
  expect(missing).toEqual(['ann', 'bob']);
});

test('an event of a newer version in a stream is no reason for another number', async () => {
  const store = new Streams();
  const metadata = { at: '2026-01-02T03:04:05.678Z', schemaVersion: 99 };
  await store.append(
    userNumberStream('demo', 'ann'),
    [{ id: 'x', type: 'numberAssigned', data: {}, metadata }],
    'none',
  );
  await expect(nodeOn(store).execute(request(['ann']))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
});

test.each([
  [new OutcomeUnknown('?'), 'OUTCOME_UNKNOWN'],
  [new StoreUnavailable('away'), 'UNAVAILABLE'],
])('%s of the event store is %s, and the command can be sent again', async (error, code) => {
  const store = new Streams();
  store.failing = error;
  await expect(nodeOn(store).execute(request(['ann']))).rejects.toMatchObject({ code });
  store.failing = undefined;
  expect((await nodeOn(store).execute(request(['ann']))).numbers).toHaveLength(1);
});

test.each<[string, Parameters<typeof request>[1], string]>([
  ['of a user', { actor: { type: 'user', id: 'ann' } }, 'FORBIDDEN'],
  ['whose time is over', { deadline: NOW - 1 }, 'DEADLINE_EXCEEDED'],
  ['that expects a revision', { expectedRevision: 0 }, 'VALIDATION_FAILED'],
])('a command %s is refused', async (_what, over, code) => {
  const store = new Streams();
  const refusal = nodeOn(store).execute(request(['ann'], over));
  await expect(refusal).rejects.toBeInstanceOf(CohortError);
  await expect(refusal).rejects.toMatchObject({ code });
  expect(store.all.size).toBe(0);
});
