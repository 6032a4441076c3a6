import type { OperationCases } from './operation-case';
import type { World } from './world';

const aTime = expect.any(Number) as unknown;
const plan = { name: 'plan.pdf', size: 1024, type: 'pdf', url: 'https://example.org/plan.pdf' };

const share = (world: World, user: number, name: string) =>
  world.nats.run('shareFile', {
    ...{ ...plan, name, groupId: String(world.groupId) },
    actor: { type: 'user', id: String(user) },
  });
const shareTwo = async (world: World) => {
  await share(world, world.member, 'plan.pdf');
  await share(world, world.owner, 'other.pdf');
};
const file = ({ groupId }: World, file_id: number, uploader: number, name: string) => ({
  ...{ file_id, group_id: groupId, ...plan, name, uploader, created_at: aTime, updated_at: aTime },
});
const first = (world: World) => file(world, 1, world.member, 'plan.pdf');
const fileIds = async ({ nats, groupId }: World) =>
  (await nats.query('files', { groupId: String(groupId) })).files.map(({ fileId, name }) => `${fileId} ${name}`);

export const files: OperationCases = {
  '/group/file/upload': {
    by: 'member',
    fields: ({ groupId }) => ({ group_id: groupId, ...plan }),
    answers: (world) => ({ code: 200, data: first(world) }),
    refuses: { stranger: 20011 },
  },

  '/group/file': {
    by: 'member',
    given: shareTwo,
    fields: ({ groupId }) => ({ group_id: groupId, file_id: 1 }),
    answers: (world) => ({ code: 200, data: first(world) }),
    refuses: { stranger: 20011 },
  },

  '/group/file/list': {
    by: 'member',
    given: shareTwo,
    fields: ({ groupId }) => ({ group_id: groupId }),
    answers: (world) => ({ code: 200, data: [file(world, 2, world.owner, 'other.pdf'), first(world)] }),
    refuses: { stranger: 20011 },
  },

  '/group/file/update_name': {
    by: 'admin',
    given: async (world) => {
      await share(world, world.other, 'plan.pdf');
    },
    fields: ({ groupId }) => ({ group_id: groupId, file_id: 1, name: 'Plan' }),
    answers: () => ({ code: 200, data: true }),
    refuses: { member: 20023, stranger: 20011 },
    then: async (world) => expect(await fileIds(world)).toEqual(['1 Plan']),
  },

  '/group/file/delete': {
    by: 'member',
    given: shareTwo,
    fields: ({ groupId }) => ({ group_id: groupId, file_list: [1, 2, 3] }),
    answers: () => ({
      code: 200,
      data: [
        { file_id: 1, result: 'success' },
        { file_id: 2, result: 'fail', reason: 'No permission to operate group shared file' },
        { file_id: 3, result: 'fail', reason: 'Group shared file does not exist' },
      ],
    }),
    refuses: { stranger: 20011 },
    then: async (world) => expect(await fileIds(world)).toEqual(['2 other.pdf']),
  },
};
