import { groupStream, type CommandData } from '@cohort/contracts';
import type { StoredEvent } from '@cohort/event-store';
import { connect, RequestStrategy } from 'nats';
import { checkpoint, type Seen } from '../faults/checkpoint';
import { Journal } from '../faults/journal';
import { APP, OPEN, SERVICE } from '../faults/plan';
import { Processes } from '../faults/processes';
import { Random } from '../faults/random';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import { History } from './history';
import { Load } from './load';
import {
  CONTESTED,
  contestedCommands,
  ENDING,
  endingCommands,
  EXPECTED,
  expectingCommands,
  FULL,
  fullCommands,
  HOT,
  hotCommands,
  LATE_USER,
  STAYING,
  SYNC_USERS,
  SYNCED,
  syncsOf,
} from './plan';

requires('own event store', 'own nats-server');

/** The commands follow from the seed, but not the order in which they arrive. Set it to send the same again. */
const seed = process.env.CONCURRENCY_SEED ?? String(Date.now());
const GROUPS = [HOT, ...SYNCED, FULL.groupId, EXPECTED, ...ENDING, ...CONTESTED];

describe(`two command, query and worker nodes on one group (CONCURRENCY_SEED=${seed})`, () => {
  const random = new Random(seed);
  const journal = new Journal();
  const logs = new Map<string, readonly StoredEvent[]>();
  const histories = new Map<string, History>();
  let processes: Processes;
  let load: Load;
  let served: Readonly<Record<string, readonly number[]>>;

  beforeAll(async () => {
    processes = await Processes.start();
    load = await Load.over(processes.natsUrl, journal);
    await makeGroups();

    const stopWatching = load.watch(HOT);
    const syncs = (name: string) =>
      SYNC_USERS.map((userId) =>
        load.sync(userId, syncsOf(random.named(`${name} ${userId}`), [HOT, ...SYNCED], name, 5)),
      );
    // First all at the same time, in few large batches; then fewer at a time, in many small ones.
    await Promise.all([load.burst(hotCommands(random.named('burst'), 'burst', 1_000)), ...syncs('first')]);
    await Promise.all([
      load.flow(hotCommands(random.named('flow'), 'flow', 500), 50),
      load.flow(fullCommands(random.named('full'), 200), 8),
      load.burst(expectingCommands(20)),
      ...ENDING.map((groupId) => load.burst(endingCommands(random.named(groupId), groupId, 60))),
      ...CONTESTED.map((groupId) => load.burst(contestedCommands(groupId))),
      ...syncs('second'),
      load.sync(LATE_USER, syncsOf(random.named(LATE_USER), [...ENDING, ...SYNCED], 'late', 10), ENDING),
    ]);
    await waitFor(bothNodesServed, { withinMs: 60_000 });
    await stopWatching();

    const seen: Seen = { log: [], feed: [] };
    await checkpoint(processes, journal, load.clients[0], seen);
    for (const groupId of GROUPS) {
      const log = seen.log.filter(({ stream }) => stream === groupStream(APP, groupId));
      logs.set(groupId, log);
      histories.set(groupId, new History(log, attemptsOn(groupId)));
    }
  }, 300_000);

  afterAll(async () => {
    await load?.close();
    await processes?.stop();
  });

  async function makeGroups(): Promise<void> {
    const [owner, ...members] = STAYING;
    const groups: Omit<CommandData<'create'>, 'app' | 'actor' | 'name'>[] = [
      ...[HOT, ...SYNCED].map((groupId) => ({ groupId, owner, members, settings: OPEN })),
      { groupId: FULL.groupId, owner, capacity: FULL.capacity },
      ...[EXPECTED, ...ENDING].map((groupId) => ({ groupId, owner })),
      ...CONTESTED.map((groupId) => ({ groupId, owner: 'o', members: ['a', 'b'] })),
    ];
    await load.burst(
      groups.map((group) => {
        const groupId = group.groupId!;
        const data = { app: APP, actor: SERVICE, name: groupId, commandId: 'make', ...group, groupId };
        return { command: { name: 'create', data }, how: 'twice' };
      }),
    );
  }

  /** Whether each of the four nodes reported its requests in time, which a busy one may not, and had more than a few. */
  async function bothNodesServed(): Promise<boolean> {
    served = await requestsServed();
    return ['cohort-command', 'cohort-query'].every((name) => {
      const requests = served[name] ?? [];
      return requests.length === 2 && Math.min(...requests) > 10;
    });
  }

  /** Requests that each node has answered, by what the nodes are. */
  async function requestsServed(): Promise<Record<string, number[]>> {
    const connection = await connect({ servers: processes.natsUrl });
    const counts: Record<string, number[]> = {};
    const client = connection.services.client({ strategy: RequestStrategy.JitterTimer, maxWait: 1_000 });
    for await (const { name, endpoints = [] } of await client.stats()) {
      const requests = endpoints.reduce((sum, { num_requests }) => sum + num_requests, 0);
      counts[name] = [...(counts[name] ?? []), requests];
    }
    await connection.close();
    return counts;
  }

  const attemptsOn = (groupId: string) => load.attempts.filter(({ command }) => command.data.groupId === groupId);
  /** The outcomes of the commands on a group, in order. */
  const outcomesOn = (groupId: string): string[] =>
    attemptsOn(groupId).map(({ told }) => (typeof told === 'string' ? told : 'ok'));

  test('the log keeps the rules at every revision, has each command once, and ends with the last sync of each user', () => {
    // So do the read models of both query nodes, a rebuilt one and the feed: they are equal to the log.
    expect(journal.violations).toEqual([]);
    expect(journal.synced.size).toBe(SYNC_USERS.length + 1);
  });

  test('each event is what the domain decides at its place, and each answer was true when it was sent', () => {
    expect(GROUPS.flatMap((groupId) => histories.get(groupId)!.wrong.map((fault) => `${groupId}: ${fault}`))).toEqual(
      [],
    );
  });

  test('each answer of the query nodes is the group at the revision that the answer names', () => {
    expect(histories.get(HOT)!.untrue(load.looks)).toEqual([]);
    expect(new Set(load.looks.map(({ answer }) => answer.revision)).size).toBeGreaterThan(5);
  });

  test('both nodes of each kind answered requests, and the log has every kind of event', () => {
    for (const name of ['cohort-command', 'cohort-query']) {
      expect(served[name]).toHaveLength(2);
      expect(Math.min(...served[name]!)).toBeGreaterThan(10);
    }
    expect(outcomesOn(HOT).filter((outcome) => outcome === 'ok').length).toBeGreaterThan(1_000);
    expect(new Set(logs.get(HOT)!.map(({ type }) => type))).toEqual(
      new Set([
        ...['created', 'memberJoined', 'memberLeft', 'memberKicked', 'ownerTransferred', 'infoChanged'],
        ...['adminGranted', 'adminRevoked', 'banned', 'unbanned', 'blocked', 'unblocked', 'settingsChanged'],
        'announcementPosted',
      ]),
    );
  });

  test('a group reaches its capacity and never exceeds it', () => {
    const sizes = histories
      .get(FULL.groupId)!
      .states.map((state) => (state.status === 'live' ? state.membership.members.size : 0));
    expect(Math.max(...sizes)).toBe(FULL.capacity);
    expect(outcomesOn(FULL.groupId)).toContain('CAPACITY_REACHED');
  });

  test('a group that is dismissed while users join has one dismissed event, its last', () => {
    for (const groupId of ENDING) {
      const types = logs.get(groupId)!.map(({ type }) => type);
      expect(types.indexOf('dismissed')).toBe(types.length - 1);
      expect(types.lastIndexOf('created')).toBe(0);
      expect(outcomesOn(groupId)).toContain('GROUP_DISMISSED');
    }
  });

  test('of two transfers by one owner at the same time, one is refused', () => {
    for (const groupId of CONTESTED) {
      const transfers = attemptsOn(groupId).filter(({ command }) => command.name === 'transfer');
      expect(transfers.map(({ told }) => (typeof told === 'string' ? told : 'ok')).sort()).toEqual([
        'OWNER_ONLY',
        'ok',
      ]);
      expect(logs.get(groupId)!.map(({ type }) => type)).toEqual(['created', 'memberJoined', 'ownerTransferred']);
    }
  });

  test('of twenty commands that expect the same revision, one is carried out', () => {
    // The first two made the group.
    const outcomes = outcomesOn(EXPECTED).slice(2).sort();
    expect(outcomes).toEqual([...Array<string>(19).fill('CONCURRENCY_CONFLICT'), 'ok']);
    expect(logs.get(EXPECTED)!.map(({ type }) => type)).toEqual(['created', 'memberJoined']);
  });
});
