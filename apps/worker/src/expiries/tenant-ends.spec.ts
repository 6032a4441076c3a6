import type { CohortClient } from '@cohort/client';
import { CohortError, type ExpiryView } from '@cohort/contracts';
import { TenantEnds } from './tenant-ends';

let time: number;
let list: ExpiryView[];
let sent: string[];
let failing: ReadonlySet<string>;
let asked: unknown[];
beforeEach(() => {
  time = 1_000;
  list = [];
  sent = [];
  asked = [];
  failing = new Set();
});

const ban = (groupId: string, id: string, end: number): ExpiryView => ({
  groupId,
  kind: 'ban',
  id,
  endsAt: new Date(end).toISOString(),
});

/** A service that announces at once what a command names, unless the group fails. */
const client = {
  query: (_name: string, query: object) => {
    asked.push(query);
    return Promise.resolve({ expiries: list });
  },
  command: (name: string, { groupId, userIds = [''] }: { groupId: string; userIds?: string[] }) => {
    sent.push(`${name} ${groupId} ${userIds.join(',')}`);
    if (failing.has(groupId)) return Promise.reject(new CohortError('UNAVAILABLE', 'Away.'));
    list = list.filter((one) => one.groupId !== groupId || !userIds.includes(one.id));
    return Promise.resolve({ position: '70' });
  },
} as unknown as Pick<CohortClient, 'command' | 'query'>;

const newEnds = () => {
  const failures: number[] = [];
  const options = {
    client,
    now: () => time,
    onSent: () => undefined,
    onFailure: (_error: unknown, forMs: number) => failures.push(forMs),
  };
  return { ends: new TenantEnds('demo', '50', options), failures };
};

test('a look announces what is over, by group and kind, and finds the next end', async () => {
  const banAll: ExpiryView = { groupId: 'h', kind: 'banAll', id: '', endsAt: new Date(999).toISOString() };
  list = [banAll, ban('g', 'a', 999), ban('h', 'a', 1_000), ban('g', 'b', 1_000), ban('g', 'c', 1_001)];
  const { ends } = newEnds();
  await ends.look();
  expect(sent).toEqual(['expireBanAll h ', 'expireBans g a,b', 'expireBans h a']);
  expect(ends.next).toBeLessThanOrEqual(time);
  await ends.look();
  expect(sent).toHaveLength(3);
  expect(ends.next).toBe(1_001);
  expect(asked).toMatchObject([{ after: '50' }, { after: '70' }]);
});

test('nothing is announced early, and without ends there is no next look', async () => {
  const { ends } = newEnds();
  list = [ban('g', 'a', 1_001)];
  await ends.look();
  expect([sent, ends.next]).toEqual([[], 1_001]);
  list = [];
  await ends.look();
  expect(ends.next).toBe(Infinity);
});

test('an event brings the next end forward, and is waited for by the next query', async () => {
  const { ends } = newEnds();
  await ends.look();
  ends.begun(5_000, '60');
  ends.begun(9_000, '61');
  expect(ends.next).toBe(5_000);
  await ends.look();
  expect(asked.at(-1)).toMatchObject({ after: '61' });
});

test('a group that fails is tried again after growing pauses, and holds up no other', async () => {
  const { ends, failures } = newEnds();
  failing = new Set(['bad']);
  list = [ban('bad', 'a', 900), ban('g', 'a', 950)];
  await ends.look();
  expect(sent).toEqual(['expireBans bad a', 'expireBans g a']);
  const pauses: number[] = [];
  for (let i = 0; i < 8; i++) {
    await ends.look();
    pauses.push(ends.next - time);
    time = Math.max(time, ends.next);
  }
  expect(sent.filter((one) => one.includes(' g '))).toHaveLength(1);
  expect(failures.length).toBeGreaterThan(2);
  expect(failures[0]).toBe(0);
  expect(failures.at(-1)).toBeGreaterThan(400);
  expect(Math.max(...pauses)).toBeLessThanOrEqual(800);
  failing = new Set();
  time += 800;
  await ends.look();
  await ends.look();
  expect([list, ends.next]).toEqual([[], Infinity]);
});

test('a query that fails is asked again after a pause, and its failures are timed from the first one', async () => {
  let isAway = true;
  const query = () =>
    isAway ? Promise.reject(new CohortError('READ_MODEL_BEHIND', 'Behind.')) : Promise.resolve({ expiries: [] });
  const failures: number[] = [];
  const ends = new TenantEnds('demo', '50', {
    client: { ...client, query } as typeof client,
    now: () => time,
    onSent: () => undefined,
    onFailure: (_error, forMs) => failures.push(forMs),
  });
  await ends.look();
  expect(failures).toEqual([0]);
  expect(ends.next).toBeGreaterThanOrEqual(time);
  expect(ends.next).toBeLessThanOrEqual(time + 800);
  time += 3_000;
  await ends.look();
  isAway = false;
  await ends.look();
  isAway = true;
  time += 500;
  await ends.look();
  expect(failures).toEqual([0, 3_000, 0]);
});
