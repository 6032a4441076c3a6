import {
  allBanned,
  allUnbanned,
  banned,
  created,
  dismissed,
  joined,
  kicked,
  unbanned,
} from '@cohort/contracts/testing';
import { applyAll, Log } from '../../testing/log';
import { testModels } from '../../testing/models';

const { newModel } = testModels();
const [EARLY, LATE] = ['2030-01-01T00:00:00.000Z', '2031-01-01T00:00:00.000Z'] as const;
const PAST = Date.parse('2026-01-01T00:00:00.000Z');
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;

/** A log in which each group is banned, or not, in a way of its own. */
const log = new Log();
for (const id of ['a', 'b', 'c', 'd', 'e']) log.group(id, created('o'), joined('add', 5, 'ann', 'bob', 'cid', 'dan'));
log.group('c', banned(Date.parse(EARLY), 'ann', 'bob'), allBanned(Date.parse(LATE)));
log.group('a', banned(Date.parse(LATE), 'ann'), kicked(4, 'ann'), allBanned());
log.group('b', banned(undefined, 'bob'), banned(PAST, 'cid'), allBanned(PAST));
log.group('d', banned(undefined, 'dan'), unbanned('dan'), allBanned(), allUnbanned());
log.group('e', banned(undefined, 'cid'), allBanned(), dismissed());

describe.each([false, true])('over all groups of a tenant (indexed: %s)', (indexed) => {
  const filled = async () => {
    const model = newModel();
    await applyAll(model, log);
    if (indexed) await model.indexForQueries();
    return model;
  };

  test('banned users are listed once, with the end of their longest ban, page by page', async () => {
    const model = await filled();
    const ask = (cursor?: string) =>
      model.queries.bannedUsers({ app: 'demo', limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    const first = ask();
    expect(first.users).toEqual([{ userId: 'ann', until: LATE, bannedAt: ISO }]);
    expect(ask(first.cursor)).toEqual({ users: [{ userId: 'bob', bannedAt: ISO }] });
    expect(model.queries.bannedUsers({ app: 'other' })).toEqual({ users: [] });
  });

  test('live groups in which a ban-all holds are listed in the order in which they began, page by page', async () => {
    const model = await filled();
    const ask = (cursor?: string) =>
      model.queries.bannedGroups({ app: 'demo', limit: 1, ...(cursor === undefined ? {} : { cursor }) });
    const first = ask();
    expect(first.groups).toEqual([{ groupId: 'a' }]);
    expect(ask(first.cursor)).toEqual({ groups: [{ groupId: 'c', until: LATE }] });
    expect(model.queries.bannedGroups({ app: 'other' })).toEqual({ groups: [] });
  });
});
