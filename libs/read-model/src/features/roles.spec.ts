import type { GroupEvent } from '@cohort/contracts';
import { adminGranted, adminRevoked, created, joined, left, transferred } from '@cohort/contracts/testing';
import type { ReadModel } from '../read-model';
import { Log } from '../testing/log';
import { testModels } from '../testing/models';

const { modelOf } = testModels();
const app = 'demo';
const group = (model: ReadModel, groupId = 'g') => model.queries.group({ app, groupId });
const roles = (model: ReadModel, groupId = 'g') =>
  model.queries.members({ app, groupId, limit: 1_000 }).members.map(({ userId, role }) => `${userId} ${role}`);

/** A model of one group with these events, each an append of its own. */
async function after(...events: GroupEvent[]): Promise<ReadModel> {
  const log = new Log();
  for (const event of events) log.group('g', event);
  return modelOf(log);
}

describe('in the read model', () => {
  it('`ownerTransferred` keeps the old owner as a plain member at the same place', async () => {
    const model = await after(created('u1'), joined('add', 2, 'u2'), transferred('u1', 'u2'));
    expect(roles(model)).toEqual(['u1 member', 'u2 owner']);
    expect(group(model).owner).toBe('u2');
  });

  it('`ownerTransferred` after the owner left sets the new owner and adds no member', async () => {
    const model = await after(created('u1'), joined('add', 2, 'u2'), left(1, 'u1'), transferred('u1', 'u2'));
    expect(roles(model)).toEqual(['u2 owner']);
  });

  it('`adminGranted` and `adminRevoked` change roles and keep places', async () => {
    const model = await after(
      created('u1'),
      joined('add', 3, 'u2', 'u3'),
      adminGranted('u2', 'u3'),
      adminRevoked('u2'),
    );
    expect(roles(model)).toEqual(['u1 owner', 'u2 member', 'u3 admin']);
  });
});
