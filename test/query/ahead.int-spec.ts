import { CohortError, type QueryData } from '@cohort/contracts';
import { created, joined, syncCompleted, syncRequested } from '@cohort/contracts/testing';
import type { ReadOptions, StoredEvent } from '@cohort/event-store';
import { applyAll, Log } from '../../libs/read-model/src/testing/log';
import { testModels } from '../../libs/read-model/src/testing/models';
import { userSync } from '../../apps/query/src/features/user-sync';
import { moments } from '../../apps/query/src/history/moments';
import type { QuerySettings } from '../../apps/query/src/settings';

const { newModel } = testModels();
const app = 'demo';

/** A node that has applied a part of the log, beside the event store with all of it. */
async function behind(log: Log, applied: number) {
  const model = newModel();
  await applyAll(model, { events: log.events.slice(0, applied) });
  const store = {
    async *read(stream: string, { from = 0, limit = Infinity, backwards }: ReadOptions = {}) {
      await Promise.resolve();
      if (backwards) return;
      const events = log.events.filter((event) => event.stream === stream && event.revision >= from);
      yield* events.slice(0, limit) as unknown as StoredEvent[];
    },
  };
  const settings = { QUERY_AFTER_TIMEOUT_MS: 50 } as QuerySettings;
  const groupAt = new moments.groupAt(model, settings, store);
  const sync = new userSync.userSync(model, store);
  const outcome = (answer: Promise<unknown>) =>
    answer.catch((error: unknown) => {
      if (!(error instanceof CohortError)) throw error;
      return `${error.code} ${error.message}`;
    });
  return {
    groupAt: (groupId: string, revision: string) =>
      outcome(groupAt.execute({ app, groupId, revision } satisfies QueryData<'groupAt'>)),
    userSync: (userId: string, number: number) =>
      outcome(sync.execute({ app, userId, sync: number } satisfies QueryData<'userSync'>)),
  };
}

test('a revision that only the event store has is to be asked for again, and one that nothing has is refused', async () => {
  const log = new Log();
  log.group('g', created('ann'));
  log.group('g', joined('add', 2, 'bob'));
  log.group('h', created('ann'));
  const { groupAt } = await behind(log, 1);
  expect(await groupAt('g', '0')).toMatchObject({ memberCount: 1, revision: '0' });
  expect(await groupAt('g', '1')).toContain('READ_MODEL_BEHIND This node has not applied revision 1 of group g yet');
  expect(await groupAt('h', '0')).toContain('READ_MODEL_BEHIND');
  expect(await groupAt('g', '2')).toBe('VALIDATION_FAILED Group g has no revision 2.');
  expect(await groupAt('none', '0')).toBe('GROUP_NOT_FOUND There is no group none.');
});

test('a sync that only the event store has is not completed yet, and one that nothing has is refused', async () => {
  const log = new Log();
  log.user('ann', syncRequested([]));
  log.user('ann', syncCompleted(0, '0'));
  log.user('ann', syncRequested([]));
  const { userSync: ask } = await behind(log, 1);
  const pending = { completed: false, position: '100' };
  expect([await ask('ann', 0), await ask('ann', 2)]).toEqual([pending, pending]);
  // Revision 1 is a completion.
  expect(await ask('ann', 1)).toBe('VALIDATION_FAILED User ann has no sync 1.');
  expect(await ask('ann', 3)).toBe('VALIDATION_FAILED User ann has no sync 3.');
  expect(await ask('bob', 0)).toBe('VALIDATION_FAILED User bob has no sync 0.');
});

test('a sync that was truncated is not completed yet on a node that has not applied its completion', async () => {
  const log = new Log();
  log.user('ann', syncRequested([]), syncCompleted(0, '0'), syncRequested([]));
  const left = new Log();
  left.events.push(...log.events.slice(2));
  const { userSync: ask } = await behind(left, 0);
  expect(await ask('ann', 0)).toMatchObject({ completed: false });
});
