import type { CohortError, Notification } from '@cohort/contracts';
import { user } from '@cohort/contracts/testing';
import { connect, type NatsConnection } from 'nats';
import { FIRST_START_MS, newTenant, sharedService } from '../support/service';
import { onBothNodes, TenantClient } from '../support/tenant-client';
import { waitFor } from '../support/wait-for';

let tenant: TenantClient;
let hasty: TenantClient;
let nats: NatsConnection;
const received: Notification[] = [];
const ISO = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string;
const settings = { visibility: 'public', joinPolicy: 'approval' } as const;

beforeAll(async () => {
  const { natsUrl } = await sharedService();
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
  hasty = await TenantClient.connect(natsUrl, (await newTenant('hasty')).id);
  nats = await connect({ servers: natsUrl });
  nats.subscribe(`group.v1.notify.${tenant.app}.>`, {
    callback: (_error, message) => received.push(message.json<Notification>()),
  });
  await nats.flush();
}, FIRST_START_MS);
afterAll(async () => {
  await nats?.close();
  await Promise.all([tenant, hasty].map((one) => one?.close()));
});

const refused = (asked: Promise<unknown>, code: CohortError['code']) => expect(asked).rejects.toMatchObject({ code });
const notified = (groupId: string) =>
  received.filter((one) => one.groupId === groupId).map(({ userId, kind }) => `${userId} ${kind}`);
const viaOf = async (groupId: string, userId: string, after: string) => {
  const { joinedVia, joinedBy } = await tenant.query('member', { groupId, userId, after });
  return [joinedVia, joinedBy];
};

test('an application is listed and counted for the admins with its reason, and makes the applicant a member', async () => {
  const groupId = await tenant.newGroup({ settings });
  const asked = { groupId, userId: 'x', reason: 'Let me in', actor: user('x') };
  const { position: after } = await tenant.run('apply', asked);
  const application = { groupId, applicationId: '1', userId: 'x', reason: 'Let me in', status: 'pending' };
  const answers = await onBothNodes(() => tenant.query('applications', { adminId: 'o', after }));
  for (const { applications } of answers) {
    expect(applications).toEqual([{ ...application, appliedAt: ISO, expiresAt: ISO, updatedAt: ISO }]);
  }
  expect(await tenant.query('applicationCount', { groupIds: [groupId], after })).toEqual({ count: 1 });
  await refused(tenant.query('applications', {}), 'VALIDATION_FAILED');

  const handled = await tenant.run('handleApplication', { groupId, userId: 'x', approve: true, actor: user('o') });
  expect(await viaOf(groupId, 'x', handled.position)).toEqual(['application', 'o']);
  await refused(tenant.run('handleApplication', { groupId, userId: 'x', approve: true }), 'APPLICATION_HANDLED');
  await refused(tenant.run('apply', asked), 'ALREADY_A_MEMBER');
  await waitFor(() => notified(groupId).length === 3);
  expect(notified(groupId)).toEqual(['o added', 'o applied', 'x applicationApproved']);
  expect(received.find(({ kind, groupId: id }) => kind === 'applied' && id === groupId)?.data).toEqual({
    ...{ userId: 'x', applicationId: '1', reason: 'Let me in', expiresAt: ISO },
  });
});

test('an invitation is listed for the invitee with its reason, and makes them a member when they accept', async () => {
  const groupId = await tenant.newGroup({ members: ['a'] });
  await refused(tenant.run('apply', { groupId, userId: 'y' }), 'GROUP_PRIVATE');
  const invite = { groupId, userIds: ['y', 'a'], reason: 'Come', actor: user('o') };
  const { position: after, results } = await tenant.run('invite', invite);
  expect(results).toEqual([
    { userId: 'y', ok: true },
    { userId: 'a', ok: false, code: 'ALREADY_A_MEMBER' },
  ]);
  const invitation = { groupId, invitationId: '1', userId: 'y', inviter: 'o', reason: 'Come', status: 'pending' };
  for (const of of [{ userId: 'y' }, { groupId }]) {
    const { invitations, total } = await tenant.query('invitations', { ...of, after });
    expect([invitations, total]).toEqual([[{ ...invitation, invitedAt: ISO, expiresAt: ISO, updatedAt: ISO }], 1]);
  }
  const accept = { groupId, userId: 'y', approve: true, inviter: 'o', actor: user('y') };
  const { position } = await tenant.run('handleInvitation', accept);
  expect(await viaOf(groupId, 'y', position)).toEqual(['invitation', 'o']);
  await waitFor(() => notified(groupId).includes('o invitationAccepted'));
  expect(received.filter(({ kind }) => kind === 'invited').map(({ userId }) => userId)).toEqual(['y']);
});

test('a join code makes users members, through every node, until the group’s key is changed', async () => {
  const groupId = await tenant.newGroup({ members: ['a', 'm'] });
  const ask = { groupId, userId: 'o', after: (await tenant.run('changeJoinKey', { groupId })).position };
  const codes = await onBothNodes(() => tenant.query('joinCode', ask));
  expect(codes[0]).toEqual({ groupId, code: expect.any(String) as string, createdAt: ISO, expiresAt: ISO });
  const joins = codes.map(({ code }, i) => {
    const userId = `u${i}`;
    return tenant.run('joinByCode', { groupId, code, userId, actor: user(userId) });
  });
  const [first] = await Promise.all(joins);
  expect(await viaOf(groupId, 'u0', first!.position)).toEqual(['code', 'o']);
  await refused(tenant.query('joinCode', { ...ask, userId: 'm' }), 'ADMIN_ONLY');
  await refused(tenant.query('joinCode', { ...ask, userId: 'x' }), 'NOT_A_MEMBER');

  const { code } = codes[0]!;
  await refused(tenant.run('joinByCode', { groupId: await tenant.newGroup(), code, userId: 'x' }), 'JOIN_CODE_INVALID');
  await tenant.run('changeJoinKey', { groupId, actor: user('o') });
  await refused(tenant.run('joinByCode', { groupId, code, userId: 'x' }), 'JOIN_CODE_EXPIRED');
  const elsewhere = await hasty.newGroup({ groupId });
  await refused(hasty.run('joinByCode', { groupId: elsewhere, code, userId: 'x' }), 'JOIN_CODE_INVALID');
});

test('applications and invitations run out: at once for queries and commands, and then as events, once each', async () => {
  const groupId = await hasty.newGroup({ settings });
  await hasty.run('apply', { groupId, userId: 'x' });
  const { position: after } = await hasty.run('invite', { groupId, userIds: ['y', 'z'] });
  const statuses = async () => [
    (await hasty.query('applications', { groupIds: [groupId], after })).applications[0]?.status,
    (await hasty.query('invitations', { groupId, after })).invitations[0]?.status,
  ];
  const ends = async () =>
    (await hasty.eventsOf(groupId))
      .filter(({ type }) => type.endsWith('Expired'))
      .map(({ type, data }) => [type, data]);
  await waitFor(async () => (await ends()).length >= 2);
  expect(await statuses()).toEqual(['expired', 'expired']);
  await refused(hasty.run('handleApplication', { groupId, userId: 'x', approve: true }), 'APPLICATION_EXPIRED');
  await refused(hasty.run('handleInvitation', { groupId, userId: 'y', approve: true }), 'INVITATION_EXPIRED');
  const invitees = ['y', 'z'].map((userId, i) => ({ userId, invitationId: String(i + 1) }));
  expect(await ends()).toEqual([
    ['applicationExpired', { userId: 'x', applicationId: '1', endedAt: ISO }],
    ['invitationExpired', { invitees, endedAt: ISO }],
  ]);
});
