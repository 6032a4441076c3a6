import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keyChange, keyIdOf, sealText, userKeyStream } from '@cohort/contracts';
import { connectEventStore, KeyReader, UserKeys, type EventStore } from '@cohort/event-store';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own event store');

let server: TestEventStore;
let store: EventStore;
let keys: UserKeys;
let reader: KeyReader;
beforeAll(async () => {
  server = await startEventStore();
  store = await connectEventStore({ url: server.url });
  keys = new UserKeys(store);
  reader = new KeyReader(store);
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

const newUser = (): string => `u-${randomUUID()}/#1`;
const typesOf = async (user: string): Promise<string[]> => {
  const types: string[] = [];
  for await (const { type } of store.read(userKeyStream('demo', user))) types.push(type);
  return types;
};

test('a user has one key, also when several make it at the same time', async () => {
  const user = newUser();
  const all = await Promise.all(Array.from({ length: 5 }, () => keys.forSealing('demo', user)));
  expect(all).toEqual(Array(5).fill(all[0]));
  expect(all[0]!.keyId).toBe(keyIdOf({ app: 'demo', id: user }, 1));
  expect(await typesOf(user)).toEqual(['keyMade']);
  expect(await reader.find([all[0]!.keyId])).toEqual(new Map([[all[0]!.keyId, all[0]!.key]]));
});

test('a user without keys has nothing to erase', async () => {
  const user = newUser();
  await keys.erase('demo', user);
  expect(await typesOf(user)).toEqual([]);
});

test('an erased key is found no more, and the next text has a new key', async () => {
  const user = newUser();
  const first = await keys.forSealing('demo', user);
  const before = sealText('Ann', first, 'g1');
  await keys.erase('demo', user);
  const second = await keys.forSealing('demo', user);
  expect(second.keyId).toBe(keyIdOf({ app: 'demo', id: user }, 3));
  const after = sealText('Ann', second, 'g1');
  expect(await reader.open([{ before, after }])).toEqual([{ before: '', after: 'Ann' }]);
});

test('an erasure that was interrupted after its mark is finished by the next one, which writes no second mark', async () => {
  const user = newUser();
  const { keyId } = await keys.forSealing('demo', user);
  const cut = new UserKeys({
    append: (...args) => store.append(...args),
    read: (...args) => store.read(...args),
    setTruncateBefore: () => Promise.reject(new Error('killed')),
  });
  await expect(cut.erase('demo', user)).rejects.toThrow('killed');
  expect(await typesOf(user)).toEqual(['keyMade', 'keysErased']);
  for (let i = 0; i < 2; i++) await keys.erase('demo', user);
  expect(await typesOf(user)).toEqual(['keysErased']);
  expect(await reader.find([keyId])).toEqual(new Map());
});

test('an erasure of what was there at a position keeps a newer key, and still finishes an older erasure', async () => {
  const user = newUser();
  await keys.forSealing('demo', user);
  const cut = new UserKeys({
    append: (...args) => store.append(...args),
    read: (...args) => store.read(...args),
    setTruncateBefore: () => Promise.reject(new Error('killed')),
  });
  const { position } = await store.append(
    `other-${user}`,
    [{ id: randomUUID(), type: 't', data: {}, metadata: {} }],
    'none',
  );
  await expect(cut.erase('demo', user, position)).rejects.toThrow('killed');
  const newer = await keys.forSealing('demo', user);
  await keys.erase('demo', user, position);
  expect(await typesOf(user)).toEqual(['keysErased', 'keyMade']);
  expect((await keys.forSealing('demo', user)).keyId).toBe(newer.keyId);
  await keys.erase('demo', user);
  expect(await typesOf(user)).toEqual(['keysErased']);
});

test('the log has the key before its erasure, so that every follower ends without it', async () => {
  const user = newUser();
  const from = await store.head();
  await keys.forSealing('demo', user);
  await keys.erase('demo', user);
  const changes: unknown[] = [];
  const end = new AbortController();
  await store.follow({
    from,
    prefixes: ['userKey-', '$$userKey-'],
    onBatch: (events) => Promise.resolve(void changes.push(...events.map(keyChange))),
    onCaughtUp: () => end.abort(),
    onDropped: () => undefined,
    signal: end.signal,
  });
  expect(changes.slice(-2)).toEqual(Array(2).fill({ kind: 'gone', owner: { app: 'demo', id: user }, upTo: 1 }));
});

test('the bytes of an erased key leave the files of the event store', async () => {
  const user = newUser();
  const { key } = await keys.forSealing('demo', user);
  const text = Buffer.from(key).toString('base64url');
  const files = (): string[] => readdirSync(server.directory, { recursive: true, encoding: 'utf8' });
  const isThere = () =>
    files().some((file) => {
      try {
        return readFileSync(join(server.directory, file)).includes(text);
      } catch {
        return false;
      }
    });
  expect(isThere()).toBe(true);
  await keys.erase('demo', user);
  await waitFor(() => !isThere());
});
