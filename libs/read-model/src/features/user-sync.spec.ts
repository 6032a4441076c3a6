import { userStream } from '@cohort/contracts';
import { syncCompleted, syncRequested } from '@cohort/contracts/testing';
import type { ReadModel } from '../read-model';
import { applyAll, Log } from '../testing/log';
import { testModels } from '../testing/models';

const { newModel } = testModels();
const requested = syncRequested([]);
const completed = (sync: number) => syncCompleted(sync, '0');

describe('the sync of a user', () => {
  const isCompleted = (model: ReadModel, app: string, user: string, sync: number, waitMs: number) =>
    model.isSo(() => model.lookups.syncNumbers(app, user).completed >= sync, userStream(app, user), waitMs);

  it('is completed by its own completion, or by a later one', async () => {
    const model = newModel();
    const log = new Log();
    log.user('ann', requested);
    await applyAll(model, log);
    expect(await isCompleted(model, 'demo', 'ann', 0, 0)).toBe(false);
    expect(await isCompleted(model, 'demo', 'nobody', 0, 10)).toBe(false);
    expect(model.lookups.syncNumbers('demo', 'ann')).toMatchObject({ requested: 0, completed: -1 });
    expect(model.lookups.syncNumbers('demo', 'nobody')).toEqual({ requested: -1, completed: -1 });
    log.user('ann', requested, completed(1));
    await applyAll(model, log);
    expect(await isCompleted(model, 'demo', 'ann', 0, 0)).toBe(true);
    expect(await isCompleted(model, 'demo', 'ann', 1, 0)).toBe(true);
    expect(await isCompleted(model, 'demo', 'ann', 2, 0)).toBe(false);
    expect(await isCompleted(model, 'other', 'ann', 1, 0)).toBe(false);
  });

  it('is waited for until the commit that completes it', async () => {
    const model = newModel();
    const log = new Log();
    const waiting = isCompleted(model, 'demo', 'ann', 1, 60_000);
    let done = false;
    void waiting.then(() => (done = true));
    for (const event of [requested, completed(0), requested]) await applyAll(model, { events: log.user('ann', event) });
    await new Promise(setImmediate);
    expect(done).toBe(false);
    await applyAll(model, { events: log.user('ann', completed(1)) });
    expect(await waiting).toBe(true);
    expect(model.waiting).toBe(0);
  });

  it('is not waited for any more when the process stops', async () => {
    const model = newModel();
    const waiting = isCompleted(model, 'demo', 'ann', 0, 60_000);
    model.stopWaiting();
    expect(await waiting).toBe(false);
    expect(await isCompleted(model, 'demo', 'ann', 0, 60_000)).toBe(false);
  });

  it('is completed even if the log no longer has its request', async () => {
    const model = newModel();
    const log = new Log();
    log.user('ann', requested);
    log.user('ann', completed(0));
    await applyAll(model, { events: log.events.slice(1) });
    expect(await isCompleted(model, 'demo', 'ann', 0, 0)).toBe(true);
  });
});
