import { randomUUID } from 'node:crypto';
import {
  GROUP_COMMANDS,
  TENANT_DEFAULTS,
  writeJoinCode,
  type AppSettings,
  type CohortError,
  type GroupCommandName,
  type JoinCodeSecret,
} from '@cohort/contracts';
import { connectEventStore, UserKeys, type EventStore } from '@cohort/event-store';
import { GroupMailboxes } from '../../apps/command/src/group';
import { JoinCodeSecrets } from '../../apps/command/src/group/join-code-secrets';
import { eventsOf, newGroupId, send } from '../command/mailbox-support';
import { startEventStore, type TestEventStore } from '../support/event-store';
import { fresh } from '../support/fresh';
import { requires } from '../support/servers';

requires('own event store');

/**
 * wildfirechat/im-server#676: a quit was answered with a timeout although it was carried out, and each retry quit once more. Here every
 * command of a group is repeated: immediately, at another node, and at one that has just started.
 */

const app: AppSettings = { ...TENANT_DEFAULTS, id: fresh('app') };

type Sent = readonly [name: GroupCommandName, fields: object];

interface Repeated {
  readonly fields: object;
  /** After the creation with the owner `o`, and the members `a` and `b`; in place of that, if it begins with a command that makes a group. */
  readonly before?: readonly Sent[];
  /** Milliseconds that pass before the command. */
  readonly later?: number;
  /** What happens before the repeats. By default, the group gets another name. */
  readonly then?: readonly Sent[];
}

const settings = { visibility: 'public', joinPolicy: 'open', membersMayInvite: true };
const create: Sent = ['create', { name: 'Sales', owner: 'o', members: ['a', 'b'], settings }];
const rename: Sent = ['changeInfo', { name: 'Renamed' }];
const x = { userId: 'x' };
const approval: Sent = ['changeSettings', { joinPolicy: 'approval' }];
const applied: readonly Sent[] = [approval, ['apply', x]];
const invited: readonly Sent[] = [['invite', { userIds: ['x'] }]];
const file: Sent = ['shareFile', { name: 'a', size: 1, url: 'https://example.org/a' }];
const announcement: Sent = ['postAnnouncement', { title: 'A', content: 'B' }];
const imported: Sent = ['importGroup', { importId: 'i', name: 'Old', owner: 'o' }];
const chunk = { importId: 'i', chunk: 0, members: [{ userId: 'a' }] };
const text = 'Ann';

/** Each writes an event. */
const COMMANDS: Readonly<Record<GroupCommandName, Repeated>> = {
  create: { fields: create[1], before: [] },
  createOrJoin: { fields: { userIds: ['x', 'y'] } },
  disable: { fields: {}, then: [['enable', {}]] },
  enable: { fields: {}, before: [create, ['disable', {}]] },
  dismiss: { fields: {}, then: [] },
  changeInfo: { fields: { description: 'New' } },
  changeSettings: { fields: { readAck: true } },
  changeCapacity: { fields: { capacity: 7 } },
  join: { fields: x, then: [['kick', { userIds: ['x'] }]] },
  leave: { fields: { userId: 'a' }, then: [['join', { userId: 'a' }]] },
  leaveMany: { fields: { userIds: ['a', 'b', 'z'] }, then: [['join', { userId: 'a' }]] },
  addMembers: { fields: { userIds: ['x', 'y', 'a'] }, then: [['kick', { userIds: ['x'] }]] },
  kick: { fields: { userIds: ['a', 'o', 'z'] }, then: [['join', { userId: 'a' }]] },
  transfer: { fields: { newOwner: 'x', addIfMissing: true }, then: [['transfer', { newOwner: 'a' }]] },
  grantAdmins: { fields: { userIds: ['a', 'z'] }, then: [['revokeAdmins', { userIds: ['a'] }]] },
  revokeAdmins: {
    fields: { userIds: ['a'] },
    before: [create, ['grantAdmins', { userIds: ['a'] }]],
    then: [['grantAdmins', { userIds: ['a'] }]],
  },
  ban: { fields: { userIds: ['a', 'z'] }, then: [['unban', { userIds: ['a'] }]] },
  unban: {
    fields: { userIds: ['a'] },
    before: [create, ['ban', { userIds: ['a'] }]],
    then: [['ban', { userIds: ['a'] }]],
  },
  banAll: { fields: {}, then: [['unbanAll', {}]] },
  unbanAll: { fields: {}, before: [create, ['banAll', {}]], then: [['banAll', {}]] },
  allowToSpeak: { fields: { userIds: ['a'] }, then: [['disallowToSpeak', { userIds: ['a'] }]] },
  disallowToSpeak: { fields: { userIds: ['a'] }, before: [create, ['allowToSpeak', { userIds: ['a'] }]] },
  expireBans: { fields: { userIds: ['a'] }, before: [create, ['ban', { userIds: ['a'], durationMs: 5 }]], later: 10 },
  expireBanAll: { fields: {}, before: [create, ['banAll', { durationMs: 5 }]], later: 10 },
  block: { fields: { userIds: ['a', 'o'] }, then: [['unblock', { userIds: ['a'] }]] },
  unblock: {
    fields: { userIds: ['x'] },
    before: [create, ['block', { userIds: ['x'] }]],
    then: [['block', { userIds: ['x'] }]],
  },
  postAnnouncement: { fields: announcement[1], then: [announcement] },
  deleteAnnouncement: { fields: { announcementId: '1' }, before: [create, announcement] },
  shareFile: { fields: file[1], then: [file] },
  renameFile: { fields: { fileId: '1', name: 'b' }, before: [create, file] },
  removeFiles: { fields: { fileIds: ['1', '2'] }, before: [create, file], then: [file] },
  apply: { fields: { ...x, reason: text }, before: [create, approval], then: [['withdrawApplication', x]] },
  handleApplication: {
    fields: { ...x, approve: true },
    before: [create, ...applied],
    then: [
      ['kick', { userIds: ['x'] }],
      ['apply', x],
    ],
  },
  withdrawApplication: { fields: x, before: [create, ...applied], then: [['apply', x]] },
  expireApplications: {
    fields: { userIds: ['x'] },
    before: [create, ...applied],
    later: TENANT_DEFAULTS.limits.applicationMs,
  },
  invite: { fields: { userIds: ['x', 'a'], reason: text }, then: [['withdrawInvitations', { userIds: ['x'] }]] },
  handleInvitation: {
    fields: { ...x, approve: true },
    before: [create, ...invited],
    then: [['kick', { userIds: ['x'] }]],
  },
  withdrawInvitations: { fields: { userIds: ['x', 'y'] }, before: [create, ...invited], then: invited },
  expireInvitations: {
    fields: { userIds: ['x'] },
    before: [create, ...invited],
    later: TENANT_DEFAULTS.limits.invitationMs,
  },
  setAttributes: {
    fields: { set: [{ key: 'type', text: '1' }] },
    then: [['setAttributes', { set: [{ key: 'type', text: '2' }] }]],
  },
  changeJoinKey: { fields: {}, then: [['changeJoinKey', {}]] },
  joinByCode: { fields: x, then: [['kick', { userIds: ['x'] }]] },
  setDisplayName: {
    fields: { userId: 'a', displayName: text },
    then: [['setDisplayName', { userId: 'a', displayName: '' }]],
  },
  setMuteMode: { fields: { userId: 'a', mode: 2 }, then: [['setMuteMode', { userId: 'a', mode: 0 }]] },
  setPushMode: { fields: { userId: 'a', mode: 2 }, then: [['setPushMode', { userId: 'a', mode: 0 }]] },
  setMemberExtra: {
    fields: { userId: 'a', set: [{ key: 'k', text }] },
    then: [['setMemberExtra', { userId: 'a', remove: ['k'] }]],
  },
  eraseMember: { fields: { userId: 'a', ownerPolicy: 'oldestMember' }, then: [['join', { userId: 'a' }]] },
  eraseRequests: { fields: x, before: [create, ...applied], then: [['apply', x]] },
  importGroup: { fields: imported[1], before: [], then: [['dismiss', {}]] },
  importMembers: { fields: chunk, before: [imported], then: [['completeImport', { importId: 'i', chunks: 1 }]] },
  completeImport: { fields: { importId: 'i', chunks: 1 }, before: [imported, ['importMembers', chunk]] },
};

let server: TestEventStore;
let store: EventStore;
let secret: JoinCodeSecret;
beforeAll(async () => {
  server = await startEventStore();
  store = await connectEventStore({ url: server.url });
  secret = await new JoinCodeSecrets(new UserKeys(store)).secretOf(app.id);
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
});

test('every command of a group is repeated here', () => {
  expect(Object.keys(COMMANDS).sort()).toEqual(Object.keys(GROUP_COMMANDS).sort());
});

/** What came of a command and its repeats. */
async function repeat(name: string, { fields, before = [create], later = 0, then = [rename] }: Repeated) {
  let now = Date.parse('2030-01-01T00:00:00Z');
  const newNode = () => new GroupMailboxes({ store, now: () => now });
  const [node, other] = [newNode(), newNode()];
  const groupId = newGroupId();
  const code = writeJoinCode({ groupId, key: 0, createdAt: now, expiresAt: now + 60_000 }, secret);
  const run = (on: GroupMailboxes, [type, data]: Sent, commandId: string = randomUUID()) =>
    send(on, type, { groupId, ...data }, { app, commandId });
  const written = () => eventsOf(store, groupId, app.id);

  for (const one of before) await run(node, one);
  now += later;
  const length = (await written()).length;
  const commandId = randomUUID();
  const repeated: Sent = [name as GroupCommandName, name === 'joinByCode' ? { ...fields, code } : fields];
  const first = await run(node, repeated, commandId);
  const after = (await written()).length;
  for (const one of then) await run(node, one);
  const events = await written();

  const repeats = [];
  for (const on of [node, other, newNode()]) repeats.push(await run(on, repeated, commandId));
  const reused = await run(other, ['changeInfo', { ext: 'Other' }], commandId).catch(({ code: of }: CohortError) => of);
  return { first, wrote: after > length, repeats, reused, events, eventsAtEnd: await written() };
}

const outcomes = new Map<string, ReturnType<typeof repeat>>();
beforeAll(() => {
  // All at the same time: they wait for the disk.
  for (const [name, one] of Object.entries(COMMANDS)) outcomes.set(name, repeat(name, one));
});

test.each(Object.keys(COMMANDS))(
  '%s with the same id is carried out once, and each repeat gets the first answer although the group has changed',
  async (name) => {
    const { first, wrote, repeats, reused, events, eventsAtEnd } = await outcomes.get(name)!;
    expect(wrote).toBe(true);
    expect(repeats).toEqual([first, first, first]);
    expect(reused).toBe('COMMAND_ID_REUSED');
    expect(eventsAtEnd).toEqual(events);
  },
);
