import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { importGroups, type ImportProgress } from '@cohort/client';
import { run } from '../../apps/cohort/src/main';
import { fresh, TenantClient, users } from '../support/tenant-client';
import { newTenant, sharedService } from '../support/service';
import { waitFor } from '../support/wait-for';

let tenant: TenantClient;
let natsUrl: string;
const folder = mkdtempSync(join(tmpdir(), 'cohort-import-'));
beforeAll(async () => {
  ({ natsUrl } = await sharedService());
  tenant = await TenantClient.connect(natsUrl, (await newTenant()).id);
});
afterAll(async () => {
  await tenant?.close();
  rmSync(folder, { recursive: true });
});

const JOINED = '2021-03-01T09:05:00.000Z';
const linesOf = (groupId: string, count: number): string[] => [
  JSON.stringify({ group: { groupId, name: 'Sales', owner: 'ann', createdAt: '2021-03-01T09:00:00.000Z' } }),
  ...users(count).map((userId, i) =>
    JSON.stringify({ userId, joinedAt: JOINED, ...(i === 7 ? { role: 'admin' } : {}) }),
  ),
];

/** The lines, and then an end or a failure. */
async function* given(lines: readonly string[], failure?: Error): AsyncGenerator<string> {
  await Promise.resolve();
  yield* lines;
  if (failure) throw failure;
}

describe('an import', () => {
  it('that was cut off is seen by nobody, continues with the same lines, and is a group like any other in the end', async () => {
    const groupId = fresh('g');
    const lines = linesOf(groupId, 1_700);
    const { app, client } = tenant;
    const cut = importGroups(client, given(lines.slice(0, 1_201), new Error('cut off')), { app });
    await expect(cut).rejects.toThrow('cut off');
    await expect(tenant.run('join', { groupId, userId: 'x' })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    const create = tenant.run('create', { groupId, name: 'Mine', owner: 'x' });
    await expect(create).rejects.toMatchObject({ code: 'GROUP_EXISTS' });
    for (const name of ['group', 'events', 'groupHistory'] as const) {
      await expect(tenant.query(name, { groupId })).rejects.toMatchObject({ code: 'GROUP_NOT_FOUND' });
    }

    const progress: ImportProgress[] = [];
    const onProgress = (each: ImportProgress) => progress.push(each);
    expect(await importGroups(client, given(lines), { app, onProgress })).toEqual({ groups: 1, members: 1_700 });
    expect(progress.at(-1)).toEqual({ groupId, members: 1_700, done: true });
    const { position } = await tenant.run('join', { groupId, userId: 'x' });
    expect(await tenant.query('importStatus', { groupId, after: position })).toMatchObject({
      ...{ chunks: 4, memberCount: 1_702, completed: true },
    });
    expect(await tenant.query('group', { groupId, after: position })).toMatchObject({
      ...{ owner: 'ann', memberCount: 1_702, createdAt: '2021-03-01T09:00:00.000Z' },
    });
    expect(await tenant.query('member', { groupId, userId: 'u7', after: position })).toMatchObject({
      ...{ role: 'admin', joinedAt: JOINED, joinedVia: 'import' },
    });
    const then = await tenant.query('membersAt', { groupId, revision: '3', limit: 1, after: position });
    expect(then).toMatchObject({ total: 1_001, members: [{ userId: 'ann', role: 'owner' }] });

    // Once more: nothing is written.
    const events = await tenant.eventsOf(groupId);
    expect(await importGroups(client, given(lines), { app })).toEqual({ groups: 1, members: 1_700 });
    expect(await tenant.eventsOf(groupId)).toHaveLength(events.length);
    expect(new Set(events.map(({ type }) => type))).toEqual(
      new Set(['created', 'importStarted', 'membersImported', 'importCompleted', 'memberJoined']),
    );
  });

  it('notifies nobody, also one that is given up; later changes of its group do', async () => {
    const [groupId, givenUp] = [fresh('g'), fresh('g')];
    const { app, client } = tenant;
    const nats = await connect({ servers: natsUrl });
    try {
      const received: string[] = [];
      nats.subscribe(`group.v1.notify.${app}.>`, {
        callback: (_error, { subject }) => void received.push(subject.split('.').slice(4).join(' ')),
      });
      await nats.flush();
      const other = await tenant.newGroup({ owner: 'eve' });
      await waitFor(() => received.length === 1);
      await importGroups(client, given(linesOf(groupId, 9)), { app });
      const ofImport = { groupId: givenUp, importId: 'i' };
      await tenant.run('importGroup', { ...ofImport, name: 'Old', owner: 'ann' });
      await tenant.run('importMembers', { ...ofImport, chunk: 0, members: [{ userId: 'bob' }] });
      await tenant.run('dismiss', { groupId: givenUp });
      // These come after the others in the feed, and ask for as much.
      await tenant.run('dismiss', { groupId: other });
      await tenant.run('addMembers', { groupId, userIds: ['dot'] });
      await waitFor(() => received.length >= 3);
      await nats.flush();
      expect(received.sort()).toEqual(['dot added', 'eve added', 'eve dismissed']);
    } finally {
      await nats.close();
    }
  });

  it('brings settings, texts, bans and blocks; a ban that ends during the import is announced after it', async () => {
    const groupId = fresh('g');
    const settings = { visibility: 'public', joinPolicy: 'open', membersMayInvite: true } as const;
    const texts = { description: 'D', avatar: 'https://example.org/a.png', ext: '{}' };
    const begun = { groupId, importId: 'i' };
    await tenant.run('importGroup', { ...begun, name: 'Old', owner: 'ann', settings, ...texts, capacity: 9 });
    const bannedUntil = (ms: number) => ({ banned: true, bannedUntil: new Date(Date.now() + ms).toISOString() });
    const [soon, later] = [bannedUntil(400), bannedUntil(3_600_000)];
    const { position } = await tenant.run('importMembers', {
      ...{ ...begun, chunk: 0 },
      members: [
        ...[
          { userId: 'bob', ...soon },
          { userId: 'cid', ...later },
          { userId: 'dot', banned: true },
        ],
        ...[{ userId: 'eve', blocked: true }, { userId: 'fay' }],
      ],
    });
    const ended = { groupId, kind: 'ban', id: 'bob', endsAt: soon.bannedUntil };
    expect((await tenant.query('expiries', { after: position })).expiries).not.toContainEqual(ended);
    await waitFor(() => Date.now() > Date.parse(soon.bannedUntil));
    const { position: after } = await tenant.run('completeImport', { ...begun, chunks: 1 });

    const group = await tenant.query('group', { groupId, after });
    expect(group).toMatchObject({ ...texts, settings, status: 'live', capacity: 9, memberCount: 5 });
    expect((await tenant.query('publicGroups', { after })).groups).toMatchObject([{ groupId }]);
    const speech = async (userId: string) => (await tenant.query('canSpeak', { groupId, userId, after })).reason;
    expect(await Promise.all(['ann', 'bob', 'cid', 'dot', 'eve', 'fay'].map(speech))).toEqual([
      ...[undefined, undefined, 'banned', 'banned', 'notAMember', undefined],
    ]);
    await expect(tenant.run('join', { groupId, userId: 'eve' })).rejects.toMatchObject({ code: 'USER_BLOCKED' });
    const expired = { users: [{ userId: 'bob' }], reason: 'expired', endedAt: soon.bannedUntil };
    await waitFor(async () => (await tenant.eventsOf(groupId)).some(({ type }) => type === 'unbanned'));
    expect((await tenant.eventsOf(groupId)).find(({ type }) => type === 'unbanned')?.data).toEqual(expired);
  });

  it('is a command line, whose errors name the line', async () => {
    const file = join(folder, 'groups.ndjson');
    const [one, two, three] = [fresh('g'), fresh('g'), fresh('g')];
    const group = { groupId: three, name: 'Old', owner: 'ann', settings: { visibility: 'public' }, disabled: true };
    const third = [{ group }, { userId: 'bob', banned: true }, { userId: 'eve', blocked: true }];
    writeFileSync(
      file,
      [...linesOf(one, 3), '', ...linesOf(two, 501), ...third.map((line) => JSON.stringify(line))].join('\n'),
    );
    const ran = async (...args: string[]) => {
      const out: string[] = [];
      const write = (text: string) => void out.push(text);
      const code = await run(['import', ...args], { NATS_URL: natsUrl }, { result: write, error: write });
      return { code, out: out.join('\n') };
    };
    expect(await ran(file, '--app', tenant.app)).toMatchObject({
      ...{ code: 0, out: expect.stringMatching(/^3 groups with 505 members in /) as string },
    });
    const { position: after } = await tenant.run('addMembers', { groupId: one, userIds: ['x'] });
    expect(await tenant.query('group', { groupId: three, after })).toMatchObject({
      ...{ status: 'disabled', memberCount: 2, settings: { visibility: 'public', joinPolicy: 'approval' } },
    });
    expect((await tenant.query('banned', { groupId: three, after })).banned).toMatchObject([{ userId: 'bob' }]);
    expect((await tenant.query('blocked', { groupId: three, after })).blocked).toMatchObject([{ userId: 'eve' }]);
    writeFileSync(file, '{"userId":"a"}\n');
    expect(await ran(file, '--app', tenant.app)).toEqual({ code: 1, out: 'Line 1: a member needs a group before it.' });
    writeFileSync(file, '{"group":{"groupId":"x","name":"","owner":"o"}}\n');
    expect(await ran(file, '--app', tenant.app)).toEqual({
      ...{ code: 1, out: expect.stringMatching(/^Line 1 \(group x\): name must be [^{]*$/) as string },
    });

    // A capacity that is too small is corrected, and the same file goes on.
    const four = fresh('g');
    const small = { groupId: four, name: 'Small', owner: 'ann', capacity: 2 };
    const fileOf = (line: object) =>
      writeFileSync(
        file,
        [{ group: line }, ...['bob', 'cid'].map((userId) => ({ userId }))]
          .map((each) => JSON.stringify(each))
          .join('\n'),
      );
    fileOf(small);
    const full = await ran(file, '--app', tenant.app);
    expect(full.out).toContain(`Lines 2 to 3 (group ${four}): CAPACITY_REACHED: `);
    fileOf({ ...small, capacity: 3 });
    const held = await ran(file, '--app', tenant.app);
    expect(held.out).toContain(`Line 1 (group ${four}): GROUP_EXISTS: An unfinished import, importId `);
    await tenant.run('changeCapacity', { groupId: four, capacity: 3 });
    fileOf(small);
    expect((await ran(file, '--app', tenant.app)).out).toMatch(/^1 group with 2 members in /);
    // The group is there from the end of its import on, so the read waits for a command that follows it.
    const last = await tenant.run('addMembers', { groupId: one, userIds: ['y'] });
    const corrected = await tenant.query('group', { groupId: four, after: last.position });
    expect(corrected).toMatchObject({ capacity: 3, memberCount: 3 });
    expect(await ran('--app', tenant.app)).toMatchObject({ code: 2 });
    expect((await ran(join(folder, 'none'), '--app', tenant.app)).out).toContain("can't be read");
  });
});
