import type { OperationCases } from './operation-case';
import type { World } from './world';

const aTime = expect.any(Number) as unknown;
const own = ({ groupId }: World) => ({ groupId: String(groupId) });

const post = (title: string, content: string) => (world: World) =>
  world.nats.run('postAnnouncement', {
    ...{ ...own(world), title, content },
    actor: { type: 'user', id: String(world.owner) },
  });
const postTwo = async (world: World) => {
  await post('One', 'The first.')(world);
  await post('Two', 'The second.')(world);
};
const announcement = ({ groupId, owner }: World, id: number, title: string, content: string) => ({
  ...{ id, group_id: groupId, author: owner, title, content, created_at: aTime },
});
const [first, second] = [
  (world: World) => announcement(world, 1, 'One', 'The first.'),
  (world: World) => announcement(world, 2, 'Two', 'The second.'),
];

export const announcements: OperationCases = {
  '/group/announcement/edit': {
    fields: ({ groupId }) => ({ group_id: groupId, title: 'One', content: 'The first.' }),
    answers: (world, by) => ({ code: 200, data: { ...first(world), author: by } }),
    refuses: { member: 20012, stranger: 20011 },
  },

  '/group/announcement': {
    by: 'member',
    given: postTwo,
    fields: ({ groupId }) => ({ group_id: groupId, announcement_id: 1 }),
    answers: (world) => ({ code: 200, data: first(world) }),
    refuses: { stranger: 20011 },
  },

  '/group/announcement/last': {
    by: 'member',
    given: postTwo,
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: (world) => ({ code: 200, data: second(world) }),
    refuses: { stranger: 20011 },
  },

  '/group/announcement/list': {
    by: 'member',
    given: postTwo,
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: (world) => ({ code: 200, data: [second(world), first(world)] }),
    refuses: { stranger: 20011 },
  },

  '/group/announcement/delete': {
    given: postTwo,
    fields: ({ groupId }) => ({ group_id: groupId, announcement_id: 1 }),
    answers: () => ({ code: 200 }),
    refuses: { member: 20012, stranger: 20011 },
    then: async (world) => {
      const { announcements: left } = await world.nats.query('announcements', own(world));
      expect(left.map(({ announcementId }) => announcementId)).toEqual(['2']);
    },
  },
};
