import { DEFAULT_SETTINGS } from '@cohort/contracts';
import { created, dismissed, joined } from '@cohort/contracts/testing';
import { groupIn, rolesIn, testModels } from '../testing/models';

const { modelAfter } = testModels();
const app = 'demo';

describe('in the read model', () => {
  it('`created` adds the group and its owner, the only member', async () => {
    const model = await modelAfter(created('u1'));
    expect(groupIn(model)).toEqual({
      groupId: 'g',
      numericId: '4503599627370496',
      name: 'Sales',
      description: '',
      avatar: '',
      ext: '',
      owner: 'u1',
      capacity: 10,
      memberCount: 1,
      settings: DEFAULT_SETTINGS,
      status: 'live',
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      revision: '0',
    });
    expect(rolesIn(model)).toEqual(['u1 owner']);
  });

  it('`dismissed` keeps the row of the group, and no list shows the group or its members any more', async () => {
    const model = await modelAfter(created('u1'), joined('add', 2, 'u2'), dismissed());
    expect(groupIn(model)).toMatchObject({ status: 'dismissed', memberCount: 2, revision: '2' });
    expect(model.queries.isMember({ app, groupId: 'g', userId: 'u1' })).toEqual({ isMember: false });
    expect(model.queries.userGroups({ app, userId: 'u1' }).groups).toEqual([]);
    expect(model.queries.joinedCount({ app, userId: 'u1' })).toEqual({ count: 0 });
    expect(model.queries.appGroups({ app }).groups).toEqual([]);
    expect(() => rolesIn(model)).toThrow(expect.objectContaining({ code: 'GROUP_DISMISSED' }) as Error);
  });
});
