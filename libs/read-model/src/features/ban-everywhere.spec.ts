import { userBanStream } from '@cohort/contracts';
import {
  banEverywhereCompleted,
  banEverywhereRequested,
  banned,
  created,
  dismissed,
  joined,
  kicked,
  unbanEverywhereRequested,
  unbanned,
} from '@cohort/contracts/testing';
import type { ReadModel } from '../read-model';
import { applyAll, Log } from '../testing/log';
import { testModels } from '../testing/models';

const { newModel } = testModels();
const isCompleted = (model: ReadModel, app: string, user: string, request: number, waitMs = 0) =>
  model.isSo(() => model.lookups.completedBan(app, user) >= request, userBanStream(app, user), waitMs);

describe('a ban of a user in all their groups', () => {
  it('is completed by its own completion, or by a later one', async () => {
    const model = newModel();
    const log = new Log();
    log.userBan('ann', banEverywhereRequested());
    await applyAll(model, log);
    expect(await isCompleted(model, 'demo', 'ann', 0)).toBe(false);
    log.userBan('ann', unbanEverywhereRequested(), banEverywhereCompleted(1, '0'));
    await applyAll(model, log);
    expect(await isCompleted(model, 'demo', 'ann', 0)).toBe(true);
    expect(await isCompleted(model, 'demo', 'ann', 1)).toBe(true);
    expect(await isCompleted(model, 'demo', 'ann', 2)).toBe(false);
    expect(await isCompleted(model, 'other', 'ann', 1)).toBe(false);
  });

  it('is waited for until the commit that completes it', async () => {
    const model = newModel();
    const log = new Log();
    const waiting = isCompleted(model, 'demo', 'ann', 0, 60_000);
    await applyAll(model, { events: log.userBan('ann', banEverywhereRequested()) });
    await applyAll(model, { events: log.userBan('ann', banEverywhereCompleted(0, '0')) });
    expect(await waiting).toBe(true);
  });

  it('is no longer known once its stream is deleted', async () => {
    const model = newModel();
    const log = new Log();
    log.userBan('ann', banEverywhereRequested(), banEverywhereCompleted(0, '0'));
    await applyAll(model, log);
    const [tombstone] = log.append(userBanStream('demo', 'ann'), [{ type: '$streamDeleted', data: {} }]);
    await applyAll(model, { events: [{ ...tombstone!, revision: Number(2n ** 63n - 1n), metadata: {} }] });
    expect(model.lookups.completedBan('demo', 'ann')).toBe(-1);
  });
});

describe("a user's bans", () => {
  const END = Date.parse('2030-01-01T00:00:00.000Z');
  const PAST = Date.parse('2026-01-01T00:00:00.000Z');
  const log = new Log();
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) log.group(id, created('o'), joined('add', 3, 'ann', 'bob'));
  log.group('c', banned(END, 'ann', 'bob'));
  log.group('a', banned(undefined, 'ann'));
  log.group('b', banned(undefined, 'bob'));
  log.group('d', banned(undefined, 'ann'), unbanned('ann'));
  log.group('e', banned(undefined, 'ann'), dismissed());
  log.group('f', banned(PAST, 'ann'));
  log.group('c', kicked(2, 'ann'));

  it.each([false, true])('are those in live groups that hold now, page by page (indexed: %s)', async (indexed) => {
    const model = newModel();
    await applyAll(model, log);
    if (indexed) await model.indexForQueries();
    const ask = (cursor?: string) =>
      model.queries.userBans({ app: 'demo', userId: 'ann', limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    const first = ask();
    expect(first.bans).toEqual([{ groupId: 'a' }]);
    const second = ask(first.cursor);
    expect(second).toEqual({ bans: [{ groupId: 'c', until: '2030-01-01T00:00:00.000Z' }] });
    expect(model.queries.userBans({ app: 'other', userId: 'ann' })).toEqual({ bans: [] });
  });
});
