import { MirroredQuery, QUERIES, type QueryData, type QueryName } from '@cohort/contracts';
import type { CohortClient } from './cohort-client';
import { mirror, MIRRORED_LISTS } from './mirrors';

type Asked = QueryData<'members'> & QueryData<'userGroups'>;

/** A client whose queries are answered by a function; it keeps what was asked. */
function clientOf(answer: (data: Asked, name: QueryName) => object) {
  const asked: Asked[] = [];
  const query = (name: QueryName, data: Asked) => {
    asked.push(data);
    return Promise.resolve(answer(data, name));
  };
  return { asked, client: { query } as unknown as Pick<CohortClient, 'query'> };
}

const app = 'demo';
const ofGroup = { app, groupId: 'g' };
const user = (userId: string) => ({ userId });

test('every list that reports its changes has a copy in the client, and no other list has', () => {
  const mirrored = Object.entries(QUERIES)
    .filter(([, { dto }]) => MirroredQuery.prototype.isPrototypeOf(dto.prototype as object))
    .map(([name]) => name);
  expect(mirrored).toContain('banned');
  expect(Object.keys(MIRRORED_LISTS).sort()).toEqual(mirrored.sort());
});

test('a copy asks for the changes since the last answer, by the field of its list', async () => {
  const place = { basis: 'b', full: true };
  const group = clientOf(() => ({ banned: [], revision: '4', ...place }));
  const banned = mirror(group.client, 'banned', ofGroup);
  const user = clientOf(() => ({ invitations: [], position: '700', ...place }));
  const invitations = mirror(user.client, 'invitations', { app, userId: 'u' });
  for (const copy of [banned, invitations]) {
    await copy.refresh();
    await copy.refresh({ after: '9' });
  }
  expect(group.asked).toEqual([
    { ...ofGroup, limit: 1_000 },
    { ...ofGroup, limit: 1_000, after: '9', basis: 'b', sinceRevision: '4' },
  ]);
  expect(user.asked.at(-1)).toEqual({ app, userId: 'u', limit: 1_000, after: '9', basis: 'b', sincePosition: '700' });
});

test('a copy is done after two whole lists in a row, if the list’s changes are never known', async () => {
  const { asked, client } = clientOf(({ cursor }) => ({
    members: [user(cursor ?? 'a')],
    ...{ revision: '1', basis: 'b', full: true },
    ...(cursor === undefined ? { cursor: 'z' } : {}),
  }));
  const members = mirror(client, 'members', ofGroup);
  expect([...(await members.refresh()).keys()]).toEqual(['a', 'z']);
  expect(asked).toHaveLength(4);
});

test('two invitations of one user to one group by different inviters are two entries', async () => {
  const of = { groupId: 'g', userId: 'u' };
  const invitations = [
    { ...of, inviter: 'a', status: 'pending' },
    { ...of, inviter: 'b', status: 'pending' },
  ];
  const { client } = clientOf(({ sincePosition }) =>
    sincePosition === undefined
      ? { invitations, position: '1', basis: 'b', full: true }
      : {
          invitations: [{ ...of, inviter: 'b', status: 'declined' }],
          removed: [],
          position: '2',
          basis: 'b',
          full: false,
        },
  );
  const copy = mirror(client, 'invitations', { app, userId: 'u' });
  await copy.refresh();
  await copy.refresh();
  expect([...copy.entries.values()].map(({ inviter, status }) => [inviter, status])).toEqual([
    ['a', 'pending'],
    ['b', 'declined'],
  ]);
});
