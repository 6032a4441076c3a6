import type { UserDirectoryRequest, UserDirectorySettings } from '@cohort/contracts';
import { ErrorCode, NatsError } from 'nats';
import { AskedUsers, DirectoryAway } from './asked-users';

type Answer = (request: UserDirectoryRequest) => unknown;

/** A directory that knows users whose id doesn't begin with `x`, with a clock of its own. */
function directory({ answer, ...settings }: UserDirectorySettings & { answer?: Answer } = {}) {
  const requests: UserDirectoryRequest[] = [];
  const failures: string[] = [];
  let clock = 0;
  const knows: Answer = ({ userIds }) => ({ known: userIds.filter((id) => !id.startsWith('x')) });
  const ask = async (subject: string, value: object): Promise<Uint8Array> => {
    expect(subject).toBe('shop.users');
    requests.push(value as UserDirectoryRequest);
    const found = await (answer ?? knows)(value as UserDirectoryRequest);
    return Buffer.from(typeof found === 'string' ? found : JSON.stringify(found));
  };
  const users = new AskedUsers(
    'shop',
    { ...settings, subject: 'shop.users' },
    { bus: { ask }, now: () => clock, onAway: (why) => failures.push(why) },
  );
  return { users, requests, failures, pass: (ms: number) => (clock += ms) };
}

const unknown = async (users: AskedUsers, ...userIds: string[]) => [...(await users.unknownAmong(userIds))].sort();
const asked = (requests: readonly UserDirectoryRequest[]) => requests.map(({ userIds }) => userIds);

test('the directory is asked about all users of a command together, each once', async () => {
  const { users, requests } = directory();
  expect(await unknown(users, 'ann', 'x1', 'ann', 'x2')).toEqual(['x1', 'x2']);
  expect(requests).toEqual([{ app: 'shop', userIds: ['ann', 'x1', 'x2'] }]);
});

test('commands of the same time are asked about together, and a user who is being asked about is not asked about again', async () => {
  const { users, requests } = directory();
  const first = Promise.all([unknown(users, 'ann', 'x1'), unknown(users, 'x1', 'bob')]);
  await new Promise((resolve) => setImmediate(resolve));
  const second = unknown(users, 'x1', 'carl');
  expect([await first, await second]).toEqual([[['x1'], ['x1']], ['x1']]);
  expect(asked(requests)).toEqual([['ann', 'x1', 'bob'], ['carl']]);
});

test('an answer counts for the time that the tenant sets, and that a user is unknown for a second at most', async () => {
  const { users, requests, pass } = directory({ cacheMs: 10_000 });
  await unknown(users, 'ann', 'x1');
  pass(999);
  expect(await unknown(users, 'ann', 'x1')).toEqual(['x1']);
  expect(requests).toHaveLength(1);
  pass(1);
  await unknown(users, 'ann', 'x1');
  pass(8_999);
  await unknown(users, 'ann');
  expect(asked(requests)).toEqual([['ann', 'x1'], ['x1']]);
  pass(1);
  await unknown(users, 'ann');
  expect(asked(requests)).toEqual([['ann', 'x1'], ['x1'], ['ann']]);
});

test('without a time to keep answers, every command is asked about', async () => {
  const { users, requests } = directory({ cacheMs: 0 });
  for (let i = 0; i < 3; i++) await unknown(users, 'ann');
  expect(requests).toHaveLength(3);
});

test('at most 100,000 answers are kept', async () => {
  const { users, requests } = directory();
  const ids = Array.from({ length: 100_001 }, (_, i) => `u${i}`);
  for (let i = 0; i < ids.length; i += 1_000) await unknown(users, ...ids.slice(i, i + 1_000));
  expect(requests).toHaveLength(101);
  await unknown(users, ids[0]!);
  expect(requests).toHaveLength(102);
  await unknown(users, ids.at(-1)!);
  expect(requests).toHaveLength(102);
});

test('a request has at most 1,000 users, and at most four requests are in flight', async () => {
  let inFlight = 0;
  let most = 0;
  const { users, requests } = directory({
    answer: async ({ userIds }) => {
      most = Math.max(most, ++inFlight);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inFlight -= 1;
      return { known: userIds };
    },
  });
  const ids = Array.from({ length: 9_500 }, (_, i) => `u${i}`);
  expect(await unknown(users, ...ids)).toEqual([]);
  expect(requests.map(({ userIds }) => userIds.length)).toEqual([...Array.from({ length: 9 }, () => 1_000), 500]);
  expect(most).toBe(4);
});

test.each([
  ['has another form', '{"users":["ann"]}'],
  ['is about others', '{"known":["bob"]}'],
  ['is too large', `{"known":["ann"],"more":"${'x'.repeat(1024 * 1024)}"}`],
])('an answer that %s is none: it is reported, and not kept', async (_what, text) => {
  let answer = text;
  const { users, failures } = directory({ answer: () => answer });
  await expect(unknown(users, 'ann')).rejects.toThrow(DirectoryAway);
  expect(failures).toEqual(['the answer is too large or has another form']);
  answer = '{"known":["ann"]}';
  expect(await unknown(users, 'ann')).toEqual([]);
});

test.each([
  [ErrorCode.NoResponders, 'nobody subscribes to shop.users'],
  [ErrorCode.Timeout, 'no answer came within 500 ms'],
])('the code %s of NATS is reported as a sentence', async (code, why) => {
  const { users, failures } = directory({ timeoutMs: 500, answer: () => Promise.reject(NatsError.errorForCode(code)) });
  await expect(unknown(users, 'ann')).rejects.toThrow(DirectoryAway);
  expect(failures).toEqual([why]);
});

test('after a failure, the users that wait behind it are given up at once, and asked about by the next command', async () => {
  let away = true;
  const { users, requests, failures } = directory({
    answer: async ({ userIds }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (away) throw new Error('the connection is closed');
      return { known: userIds };
    },
  });
  const ids = Array.from({ length: 8_000 }, (_, i) => `u${i}`);
  await expect(unknown(users, ...ids)).rejects.toThrow(DirectoryAway);
  await expect(unknown(users, 'u0')).rejects.toThrow(DirectoryAway);
  expect(requests.length).toBeLessThanOrEqual(5);
  expect(new Set(failures)).toEqual(new Set(['the connection is closed']));
  away = false;
  expect(await unknown(users, ...ids)).toEqual([]);
});

test('a command waits no longer than the timeout, also behind slow requests, and the answer is kept for the next', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const { users, requests } = directory({
    timeoutMs: 20,
    answer: async ({ userIds }) => {
      await released;
      return { known: userIds };
    },
  });
  await expect(unknown(users, 'ann')).rejects.toThrow(DirectoryAway);
  release();
  expect(await unknown(users, 'ann')).toEqual([]);
  expect(requests).toHaveLength(1);
});

test('no more users than 64 requests hold may wait: others are given up at once', async () => {
  const { users } = directory({ timeoutMs: 10_000, answer: () => new Promise(() => undefined) });
  const ids = Array.from({ length: 64_001 }, (_, i) => `u${i}`);
  const began = performance.now();
  await expect(unknown(users, ...ids)).rejects.toThrow(DirectoryAway);
  expect(performance.now() - began).toBeLessThan(9_000);
});
