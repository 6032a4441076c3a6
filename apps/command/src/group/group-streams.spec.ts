import { ownNumber, TENANT_DEFAULTS, type AppSettings, type GroupCommand } from '@cohort/contracts';
import { groupStreams, type GroupCommandInput } from './group-streams';
import { unwritten, type RecordedGroup } from './recorded-group';

const app: AppSettings = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 100 };
const KEY = { app: 'demo', groupId: 'g' };

function command(type: GroupCommand['type'], fields: object): GroupCommandInput {
  const data = { app: 'demo', actor: { type: 'service' }, groupId: 'g', ...fields };
  return { app, commandId: 'c', commandHash: 'h', deadline: Infinity, type, data } as unknown as GroupCommandInput;
}

function streams() {
  const cache = new Map<string, RecordedGroup>();
  let aliases = 0;
  const kind = groupStreams({
    groups: { catchUp: (_key, group) => Promise.resolve(group), refuses: () => false },
    isLimited: () => false,
    cache,
    aliases: { take: () => Promise.resolve(`alias ${++aliases}`) },
    joinCodes: { secretOf: (tenant) => Promise.resolve(Buffer.from(`secret of ${tenant}`)) },
    onAppended: () => undefined,
  });
  return { kind, cache };
}

test.each<[GroupCommand['type'], object]>([
  ['createOrJoin', {}],
  ['addMembers', {}],
  ['kick', {}],
  ['leaveMany', {}],
])(
  'the first answer of %s again has a result for each user it named, in order, and those refused then',
  (type, more) => {
    const { kind } = streams();
    const refused = [{ userId: 'o', code: 'OWNER_CANNOT_LEAVE' }];
    const first = { hash: 'h', revision: 3, position: '77', at: 0, refused };
    expect(kind.answerAgain(command(type, { userIds: ['a', 'a', 'x', 'o'], ...more }), first)).toEqual({
      groupId: 'g',
      revision: '3',
      position: '77',
      results: [
        { userId: 'a', ok: true },
        { userId: 'x', ok: true },
        { userId: 'o', ok: false, code: 'OWNER_CANNOT_LEAVE' },
      ],
    });
  },
);

test('the first answer of removeFiles again has a result for each file it named, and those refused then', () => {
  const refused = [{ fileId: '2', code: 'FILE_NOT_FOUND' }];
  const first = { hash: 'h', revision: 3, position: '77', at: 0, refused };
  expect(streams().kind.answerAgain(command('removeFiles', { fileIds: ['1', '2', '1'] }), first)).toEqual({
    groupId: 'g',
    revision: '3',
    position: '77',
    fileResults: [
      { fileId: '1', ok: true },
      { fileId: '2', ok: false, code: 'FILE_NOT_FOUND' },
    ],
  });
});

test.each([
  ['postAnnouncement', { announcementId: '4' }],
  ['shareFile', { fileId: '4' }],
] as const)('the answer of %s has the id of what it made, and the first answer again has it, too', (type, made) => {
  const { kind } = streams();
  const answer = { groupId: 'g', revision: '3', position: '77', ...made };
  expect(kind.answer(command(type, {}), 3, '77', { made: '4' })).toEqual(answer);
  const first = { hash: 'h', revision: 3, position: '77', at: 0, made: '4' };
  expect(kind.answerAgain(command(type, {}), first)).toEqual(answer);
});

test('the first answer of a command that names no users has no results', () => {
  const first = { hash: 'h', revision: 3, position: '77', at: 0 };
  expect(streams().kind.answerAgain(command('join', { userId: 'a' }), first)).toEqual({
    groupId: 'g',
    revision: '3',
    position: '77',
  });
});

test('only a group that may be made takes an alias', async () => {
  const { kind } = streams();
  const queued = (type: GroupCommand['type']) => [{ command: command(type, {}) }];
  expect(await kind.factsFor(KEY, unwritten(), queued('join'))).toEqual({ numericId: '' });
  expect(await kind.factsFor(KEY, { ...unwritten(), revision: 0 }, queued('create'))).toEqual({ numericId: '' });
  expect(await kind.factsFor({ ...KEY, groupId: '4711' }, unwritten(), queued('create'))).toEqual({
    numericId: '4711',
  });
  expect(await kind.factsFor(KEY, unwritten(), queued('create'))).toEqual({ numericId: 'alias 1' });
});

test('only a command with a join code takes the secret that signs them', async () => {
  const { kind } = streams();
  const joining = [{ command: command('joinByCode', { userId: 'x', code: 'c' }) }];
  expect(await kind.factsFor(KEY, { ...unwritten(), revision: 0 }, joining)).toEqual({
    numericId: '',
    joinCodeSecret: Buffer.from('secret of demo'),
  });
});

test.each([
  ['0', '0'],
  ['4711', '4711'],
  ['4503599627370495', '4503599627370495'],
  ['4503599627370496', undefined],
  ['9007199254740992', undefined],
  ['007', undefined],
  ['g1', undefined],
])('the own number of %s is %s', (groupId, number) => {
  expect(ownNumber(groupId)).toBe(number);
});
