import { CohortError, userBanStream, type ErrorCode } from '@cohort/contracts';
import { banEverywhereCompleted, banEverywhereRequested, unbanEverywhereRequested } from '@cohort/contracts/testing';
import { WrongExpectedRevision, type EventStore, type NewEvent, type StoredEvent } from '@cohort/event-store';
import { carryOutBan, type BanDependencies } from './carry-out';

const ANN = { app: 'demo', id: 'ann' };
const STREAM = userBanStream('demo', 'ann');
const UNTIL = '2030-01-01T00:00:00.000Z';
const WORK = { position: '5', since: '0', requested: 0 };

interface Sent {
  readonly name: string;
  readonly groupId: string;
  readonly commandId: string;
  readonly until?: string;
}

/** A user's stream, groups and a client, in memory. */
class Scene {
  readonly events: StoredEvent[] = [];
  readonly sent: Sent[] = [];
  groups: string[] = ['g1', 'g2'];
  /** Groups that the user has left, in which they are banned. */
  left: string[] = [];
  /** Called before each command. */
  before: (command: Sent) => void = () => undefined;
  completed = 0;

  add({ type, data }: { type: string; data: object }): void {
    const metadata = { at: '2026-01-01T00:00:00.000Z', commandId: 'c', commandHash: 'aa', actor: { type: 'service' } };
    this.push({ id: `e${this.events.length}`, type, data, metadata });
  }

  run(newest: () => number | undefined = () => undefined): Promise<void> {
    return carryOutBan(this.dependencies())(ANN, WORK, newest);
  }

  private push({ id, type, data, metadata }: NewEvent): void {
    const place = { stream: STREAM, revision: this.events.length, position: String(10 + this.events.length) };
    this.events.push({ id, type, data, metadata, created: new Date(0), ...place } as StoredEvent);
  }

  private dependencies(): BanDependencies {
    const read: EventStore['read'] = async function* (this: Scene) {
      yield* await Promise.resolve([...this.events].reverse());
    }.bind(this);
    return {
      store: {
        append: (stream, events, expected) => {
          if (expected !== this.events.length - 1) throw new WrongExpectedRevision(stream, this.events.length - 1);
          for (const event of events) this.push(event);
          return Promise.resolve({ revision: this.events.length - 1, position: '99' });
        },
        read,
      },
      client: {
        command: ((name: string, { groupId, commandId, until }: Sent) => {
          const command = { name, groupId, commandId, ...(until === undefined ? {} : { until }) };
          this.before(command);
          this.sent.push(command);
          return Promise.resolve({ groupId, revision: '1', position: String(20 + this.sent.length) });
        }) as unknown as BanDependencies['client']['command'],
        query: ((name: string) =>
          Promise.resolve(
            name === 'userGroups'
              ? { groups: this.groups.map((groupId) => ({ groupId, name: groupId })), position: '30' }
              : { bans: this.left.map((groupId) => ({ groupId })) },
          )) as unknown as BanDependencies['client']['query'],
      },
      signal: new AbortController().signal,
      onCompleted: () => (this.completed += 1),
    };
  }
}

let scene: Scene;
beforeEach(() => (scene = new Scene()));
const groupsOf = (name: string) => scene.sent.filter((one) => one.name === name).map(({ groupId }) => groupId);

test('a user is banned in each of their groups until the same time, and the request is completed', async () => {
  scene.add(banEverywhereRequested(UNTIL));
  await scene.run();
  expect(scene.sent).toMatchObject([
    { name: 'ban', groupId: 'g1', until: UNTIL },
    { name: 'ban', groupId: 'g2', until: UNTIL },
  ]);
  expect(scene.events.at(-1)).toMatchObject({ ...banEverywhereCompleted(0, '30'), metadata: { $causationId: 'e0' } });
  expect(scene.completed).toBe(1);
});

test('a ban without an end is sent without one', async () => {
  scene.add(banEverywhereRequested());
  await scene.run();
  expect(scene.sent.map(({ until }) => until)).toEqual([undefined, undefined]);
});

test('a group that the user joins while the ban is carried out is considered, too', async () => {
  scene.add(banEverywhereRequested(UNTIL));
  scene.before = ({ groupId }) => {
    if (groupId === 'g2') scene.groups.push('g3');
    if (groupId === 'g3') scene.groups.push('g4');
  };
  await scene.run();
  expect(groupsOf('ban')).toEqual(['g1', 'g2', 'g3', 'g4']);
});

test('an unban reaches the groups of the user and those that they have left', async () => {
  scene.add(unbanEverywhereRequested());
  scene.left = ['g2', 'old'];
  await scene.run();
  expect(groupsOf('unban')).toEqual(['g1', 'g2', 'old']);
});

test('after a crash, the same commands are sent again, with the same ids', async () => {
  scene.add(banEverywhereRequested(UNTIL));
  scene.before = ({ groupId }) => {
    if (groupId === 'g2') throw new CohortError('UNAVAILABLE', 'killed');
  };
  await expect(scene.run()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  scene.before = () => undefined;
  await scene.run();
  expect(groupsOf('ban')).toEqual(['g1', 'g1', 'g2']);
  expect(scene.sent[0]!.commandId).toBe(scene.sent[1]!.commandId);
  expect(scene.sent[2]!.commandId).not.toBe(scene.sent[1]!.commandId);
});

test('a newer request that is seen meanwhile replaces an older one', async () => {
  scene.add(banEverywhereRequested(UNTIL));
  let newest = 0;
  scene.before = ({ name }) => {
    if (name !== 'ban' || newest === 1) return;
    scene.add(unbanEverywhereRequested());
    newest = 1;
  };
  await scene.run(() => newest);
  expect(groupsOf('ban')).toHaveLength(1);
  expect(groupsOf('unban')).toEqual(['g1', 'g2']);
  expect(scene.events.map(({ type }) => type)).toEqual([
    'banEverywhereRequested',
    'unbanEverywhereRequested',
    'banEverywhereCompleted',
  ]);
});

test('a newer request that only the stream has makes the older one incomplete', async () => {
  scene.add(banEverywhereRequested(UNTIL));
  let added = false;
  scene.before = () => {
    if (!added) scene.add(unbanEverywhereRequested());
    added = true;
  };
  await scene.run();
  expect(scene.events.at(-1)).toMatchObject(banEverywhereCompleted(1, '30'));
});

test('a completed request, and a stream without one, need nothing', async () => {
  await scene.run();
  scene.add(banEverywhereRequested(UNTIL));
  scene.add(banEverywhereCompleted(0, '30'));
  await scene.run();
  expect(scene.sent).toEqual([]);
  expect(scene.events).toHaveLength(2);
});

test.each<[ErrorCode, readonly string[]]>([
  ['GROUP_DISMISSED', ['g1']],
  ['GROUP_DISABLED', ['g1']],
  ['DATA_DAMAGED', ['g1']],
  ['COMMAND_EXPIRED', []],
])('a group that answers %s does not hold the others up; it is skipped: %j', async (code, skipped) => {
  scene.add(banEverywhereRequested(UNTIL));
  scene.before = ({ groupId }) => {
    if (groupId === 'g1') throw new CohortError(code, 'no');
  };
  await scene.run();
  expect(groupsOf('ban')).toEqual(['g2']);
  expect(scene.events.at(-1)).toMatchObject(banEverywhereCompleted(0, '30', skipped));
});
