import { announcementDeleted, announcementPosted, created, joined } from '@cohort/contracts/testing';
import { Log } from '../testing/log';
import { testModels } from '../testing/models';
import { refused } from '../testing/refused';
import { time, whole } from '../testing/three-groups';

const { modelAfter, modelOf } = testModels();
const group = { app: 'demo', groupId: 'g' };
const [title, content] = ['News', 'All is well.'];
const announcement = (announcementId: string, at: number, author = 'o') => ({
  announcementId,
  author,
  title,
  content,
  createdAt: time(at),
});

describe('the queries of announcements', () => {
  const history = [
    created('o'),
    announcementPosted('1', { author: 'a' }),
    announcementPosted('2'),
    announcementPosted('3'),
    announcementDeleted('3'),
  ];

  it('return one, the last one that was not deleted, and all, the newest first', async () => {
    const { queries } = await modelAfter(...history);
    const place = { groupId: 'g', revision: '4' };
    expect(queries.announcement({ ...group, announcementId: '1' })).toEqual({ ...place, ...announcement('1', 1, 'a') });
    expect(queries.lastAnnouncement(group)).toEqual({ ...place, ...announcement('2', 2) });
    expect(queries.announcements(group)).toEqual({
      announcements: [announcement('2', 2), announcement('1', 1, 'a')],
      total: 2,
      revision: '4',
      ...whole,
    });
  });

  it('refuse an announcement that is not there, an unknown group and one of another tenant', async () => {
    const { queries } = await modelAfter(...history);
    const code = (ask: () => unknown) => refused(ask)?.code;
    expect(code(() => queries.announcement({ ...group, announcementId: '3' }))).toBe('ANNOUNCEMENT_NOT_FOUND');
    expect(code(() => queries.announcement({ ...group, announcementId: '4' }))).toBe('ANNOUNCEMENT_NOT_FOUND');
    expect(code(() => queries.announcements({ ...group, app: 'other' }))).toBe('GROUP_NOT_FOUND');
    const empty = await modelAfter(created('o'));
    expect(code(() => empty.queries.lastAnnouncement(group))).toBe('ANNOUNCEMENT_NOT_FOUND');
  });

  it('return the last one of each group, also after a list of another group', async () => {
    const log = new Log();
    for (const id of ['g', 'h']) log.group(id, created('o'), announcementPosted('1', { title: `of ${id}` }));
    const { queries } = await modelOf(log);
    expect(queries.announcements(group).announcements).toHaveLength(1);
    expect(queries.lastAnnouncement({ ...group, groupId: 'h' }).title).toBe('of h');
    expect(queries.lastAnnouncement(group).title).toBe('of g');
  });

  it('list pages that stay stable while announcements come and go', async () => {
    const log = new Log();
    log.group('g', created('o'), ...['1', '2', '3', '4'].map((id) => announcementPosted(id)));
    const model = await modelOf(log);
    const first = model.queries.announcements({ ...group, limit: 2 });
    expect(first.announcements.map(({ announcementId }) => announcementId)).toEqual(['4', '3']);
    const more = [log.group('g', announcementPosted('5')), log.group('g', announcementDeleted('3'))].flat();
    await model.applyBatch(more, more.at(-1)!.position);
    const { announcements, total, cursor } = model.queries.announcements({ ...group, cursor: first.cursor! });
    expect(announcements.map(({ announcementId }) => announcementId)).toEqual(['2', '1']);
    expect([total, cursor]).toEqual([4, undefined]);
  });
});

describe('the changes of announcements', () => {
  it('have the posted ones and the ids of the deleted ones since a revision', async () => {
    const { queries } = await modelAfter(
      created('o'),
      announcementPosted('1'),
      announcementPosted('2'),
      announcementDeleted('1'),
      announcementPosted('3'),
    );
    const { basis } = queries.announcements(group);
    expect(queries.announcements({ ...group, basis, sinceRevision: '2' })).toEqual({
      announcements: [announcement('3', 4)],
      removed: ['1'],
      total: 2,
      revision: '4',
      basis,
      full: false,
      more: false,
    });
  });

  it('are the whole list when the group changed more often than its log of removals is long', async () => {
    const log = new Log();
    log.group('g', created('o'), announcementPosted('1'), announcementDeleted('1'));
    log.group('g', joined('join', 2, 'a'), joined('join', 3, 'b'), announcementPosted('2'), announcementDeleted('2'));
    const { queries } = await modelOf(log, { keptChanges: 2 });
    const { basis } = queries.announcements(group);
    const since = (sinceRevision: string) => queries.announcements({ ...group, basis, sinceRevision });
    expect(since('4')).toMatchObject({ full: false, removed: ['2'] });
    expect(since('3')).toMatchObject({ full: true, announcements: [] });
  });
});
