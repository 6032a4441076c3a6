import { commandHash, userBanStream, type UserBanCommandName } from '@cohort/contracts';
import { banEverywhereCompleted } from '@cohort/contracts/testing';
import { WrongExpectedRevision, type EventStore, type NewEvent, type StoredEvent } from '@cohort/event-store';
import type { CommandRequest } from '../command-request';
import { UserBans } from './user-bans';

const NOW = Date.parse('2026-01-02T03:04:05.000Z');
const STREAM = userBanStream('demo', 'ann');

/** One stream in memory. */
function storeOf() {
  const events: StoredEvent[] = [];
  const json = (value: unknown): unknown =>
    value !== null && typeof value === 'object' && 'bytes' in value
      ? JSON.parse(Buffer.from(value.bytes as Uint8Array).toString())
      : value;
  const append = (stream: string, added: readonly NewEvent[], expected: unknown) => {
    const revision = events.length - 1;
    if (expected !== (revision < 0 ? 'none' : revision)) throw new WrongExpectedRevision(stream, revision);
    for (const { id, type, data, metadata } of added) {
      const place = { revision: events.length, position: String(100 + events.length), created: new Date(NOW) };
      const stored = { id, type, stream, data: json(data), metadata: json(metadata), ...place };
      events.push(stored as StoredEvent);
    }
    return Promise.resolve({ revision: events.length - 1, position: events.at(-1)!.position });
  };
  const read: EventStore['read'] = async function* (_stream, { limit = Infinity } = {}) {
    yield* await Promise.resolve([...events].reverse().slice(0, limit));
  };
  return { events, append, read, head: () => Promise.resolve('0') };
}

function request(type: UserBanCommandName, commandId: string, fields: object = {}): CommandRequest<UserBanCommandName> {
  const data = { app: 'demo', actor: { type: 'service' }, userId: 'ann', ...fields };
  const app = { id: 'demo', ownerPolicy: 'refuse', groupCapacity: 10 };
  const hash = commandHash(type, data);
  return {
    type,
    app,
    commandId,
    commandHash: hash,
    deadline: Infinity,
    data,
  } as unknown as CommandRequest<UserBanCommandName>;
}

test('a ban is recorded with the time at which it ends, a ban without a duration without one, and an unban', async () => {
  const store = storeOf();
  const bans = new UserBans({ store, now: () => NOW });
  const answer = await bans.execute(request('banUserEverywhere', 'c1', { durationMs: 1_500 }));
  expect(answer).toEqual({ userId: 'ann', request: 0, revision: '0', position: '100' });
  await bans.execute(request('banUserEverywhere', 'c2'));
  await bans.execute(request('unbanUserEverywhere', 'c3'));
  expect(store.events).toMatchObject([
    { stream: STREAM, type: 'banEverywhereRequested', data: { until: '2026-01-02T03:04:06.500Z' } },
    { type: 'banEverywhereRequested', data: {} },
    { type: 'unbanEverywhereRequested', data: {} },
  ]);
});

test('a repeat gets the first answer, also behind a completion and at another node, and writes nothing', async () => {
  const store = storeOf();
  const first = await new UserBans({ store, now: () => NOW }).execute(
    request('banUserEverywhere', 'c1', { durationMs: 5 }),
  );
  const { type, data } = banEverywhereCompleted(0, '100');
  const metadata = { at: '2026-01-02T03:04:06.000Z', commandId: 'w', commandHash: 'aa' };
  await store.append(STREAM, [{ id: 'w', type, data, metadata }], 0);
  const again = new UserBans({ store, now: () => NOW + 9 });
  expect(await again.execute(request('banUserEverywhere', 'c1', { durationMs: 5 }))).toEqual(first);
  await expect(again.execute(request('banUserEverywhere', 'c1', { durationMs: 6 }))).rejects.toMatchObject({
    code: 'COMMAND_ID_REUSED',
  });
  expect(store.events).toHaveLength(2);
});

test.each(['banUserEverywhere', 'unbanUserEverywhere'] as const)('%s is for services', async (type) => {
  const store = storeOf();
  const refused = new UserBans({ store }).execute(request(type, 'c1', { actor: { type: 'user', id: 'ann' } }));
  await expect(refused).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect(store.events).toEqual([]);
});
