import { created, infoChanged } from '@cohort/contracts/testing';
import { Log } from '../testing/log';
import { groupIn, testModels } from '../testing/models';
import { refused } from '../testing/refused';
import { old, sales, support, threeGroups } from '../testing/three-groups';

const { modelAfter, modelOf } = testModels();
const app = 'demo';

describe('in the read model', () => {
  it('`infoChanged` changes the fields that it has, and no others', async () => {
    const model = await modelAfter(
      created('u1'),
      infoChanged({ description: 'd', ext: 'x' }),
      infoChanged({ name: 'N', ext: '' }),
    );
    expect(groupIn(model)).toMatchObject({ name: 'N', description: 'd', avatar: '', ext: '', revision: '2' });
    expect(groupIn(model).updatedAt).toBe('2026-01-01T00:00:02.000Z');
  });
});

describe('the query', () => {
  const queries = async () => (await modelOf(threeGroups())).queries;

  it('group returns live and dismissed groups of the tenant', async () => {
    const { group } = await queries();
    expect(group({ app, groupId: 'support' })).toEqual(support);
    expect(group({ app, groupId: 'old' })).toEqual(old);
    expect(refused(() => group({ app, groupId: 'none' }))?.code).toBe('GROUP_NOT_FOUND');
    expect(refused(() => group({ app: 'other', groupId: 'sales' }))?.code).toBe('GROUP_NOT_FOUND');
  });

  it('groups returns groups in the order of the ids, each once, and the missing ids', async () => {
    const groupIds = ['old', 'x', 'support', 'old', 'y', 'x'];
    expect((await queries()).groups({ app, groupIds })).toEqual({ groups: [old, support], missing: ['x', 'y'] });
  });

  it('groups is TOO_LARGE if the groups do not fit into an answer', async () => {
    const log = new Log();
    const ids = Array.from({ length: 30 }, (_, i) => `g${i}`);
    for (const id of ids) log.group(id, created('ann'), infoChanged({ ext: '\u0001"é'.repeat(5_000) }));
    const { groups } = (await modelOf(log)).queries;
    expect(refused(() => groups({ app, groupIds: ids }))?.code).toBe('TOO_LARGE');
    expect(groups({ app, groupIds: ids.slice(0, 5) }).groups).toHaveLength(5);
  });

  it('appGroups returns live groups of the tenant, the newest first', async () => {
    const { appGroups } = await queries();
    expect(appGroups({ app })).toEqual({ groups: [support, sales] });
    expect(appGroups({ app: 'other' })).toEqual({ groups: [] });
  });
});
