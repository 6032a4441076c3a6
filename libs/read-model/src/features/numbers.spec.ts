import { userNumberStream } from '@cohort/contracts';
import { created, dismissed, numberAssigned } from '@cohort/contracts/testing';
import { applyAll, Log } from '../testing/log';
import { testModels } from '../testing/models';

const { newModel } = testModels();
const A = '4503599627370496';
const B = '9007199254740991';
const C = '4503599627370999';

async function modelOf(log: Log) {
  const model = newModel();
  await applyAll(model, log);
  return model;
}

describe('numbers of users', () => {
  const log = new Log();
  log.userNumber('ann', numberAssigned(A));
  log.userNumber('4503599627370497', numberAssigned(B));

  it('follow from ids that are canonical decimals below 2^52', async () => {
    const { lookups } = await modelOf(log);
    expect(['0', '20', '4503599627370495'].map((id) => lookups.numberOf('demo', id))).toEqual([
      '0',
      '20',
      '4503599627370495',
    ]);
  });

  it('are aliases for other ids, once they are assigned, in their tenant only', async () => {
    const { lookups } = await modelOf(log);
    const numbers = ['ann', '4503599627370497', 'bob', '020'].map((id) => lookups.numberOf('demo', id));
    expect(numbers).toEqual([A, B, undefined, undefined]);
    expect(lookups.numberOf('other', 'ann')).toBeUndefined();
  });

  it('name users: an alias names one user, a smaller number is an id, and no id of the aliases is taken for a user', async () => {
    const { queries } = await modelOf(log);
    const numbers = [B, '20', A, '4503599627370497', '9007199254740992', A];
    expect(queries.usersByNumber({ app: 'demo', numbers })).toEqual({
      users: [
        { userId: '4503599627370497', number: B },
        { userId: '20', number: '20' },
        { userId: 'ann', number: A },
      ],
      missing: ['4503599627370497', '9007199254740992'],
    });
    expect(queries.usersByNumber({ app: 'other', numbers: [A] })).toEqual({ users: [], missing: [A] });
  });

  it('never change: an event behind the first one of its stream is set aside', async () => {
    const more = new Log();
    more.userNumber('ann', numberAssigned(A));
    more.userNumber('ann', numberAssigned(C));
    const model = await modelOf(more);
    expect(model.lookups.numberOf('demo', 'ann')).toBe(A);
    expect(model.degraded()).toHaveLength(1);
  });

  it('are no longer known once their stream is deleted', async () => {
    const more = new Log();
    more.userNumber('ann', numberAssigned(A));
    more.append(userNumberStream('demo', 'ann'), [{ type: '$streamDeleted', data: {} }]);
    const tombstone = { ...more.events.at(-1)!, revision: Number(2n ** 63n - 1n), metadata: {} };
    const model = await modelOf({ ...more, events: [more.events[0]!, tombstone] } as unknown as Log);
    expect(model.lookups.numberOf('demo', 'ann')).toBeUndefined();
  });
});

describe('numbers of groups', () => {
  const log = new Log();
  log.group('20', created('ann', { numericId: '20' }));
  log.group('sales', created('ann', { numericId: A }));
  log.group('old', created('ann', { numericId: B }));
  log.group('old', dismissed());

  it.each([false, true])('name live and dismissed groups, in their tenant only (indexed: %s)', async (indexed) => {
    const model = await modelOf(log);
    if (indexed) await model.indexForQueries();
    const numbers = [A, '20', '21', B, 'x'];
    expect(model.queries.groupsByNumber({ app: 'demo', numbers })).toEqual({
      groups: [
        { groupId: 'sales', number: A },
        { groupId: '20', number: '20' },
        { groupId: 'old', number: B },
      ],
      missing: ['21', 'x'],
    });
    expect(model.queries.groupsByNumber({ app: 'other', numbers: [A, '20'] }).groups).toEqual([]);
  });
});
