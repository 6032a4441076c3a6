import { DEFAULT_SETTINGS, GROUP_EVENTS, groupStream, snapshotStream, type GroupEvent } from '@cohort/contracts';
import { jsonEvent, type EventData } from '@eventstore/db-client';
import type { Figure } from '../report';
import { median, timed } from '../load';
import type { Bench } from '../bench';
import { waitFor } from '../../support/wait-for';
import { APP, type Service } from '../service';

const GROUP = 'cold';
const PER_APPEND = 500;

/**
 * The first command that a fresh command node gets for a group of many members and a long history: by full replay, and
 * with the snapshot that the first one left.
 */
export async function coldCommand(bench: Bench): Promise<Figure[]> {
  const { service, quick } = bench;
  const members = quick ? 15_000 : 100_000;
  await writeHistory(service, members);
  const replay = await firstCommand(service, 'by replay');
  await snapshotIsThere(service);
  const withSnapshot: number[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    withSnapshot.push(await firstCommand(service, `with snapshot ${round}`));
  }
  const changes = members * 3;
  return [
    {
      figure: `cold command, ${members.toLocaleString('en')} members, ${changes.toLocaleString('en')} changes, snapshot`,
      unit: 'ms',
      cohort: median(withSnapshot),
      beside: { what: 'by full replay', value: replay },
      wanted: { atMost: 0.1 },
    },
  ];
}

/** For each member of the end two joined and one left: a change a minute, as years of a lively group leave them. */
async function writeHistory(service: Service, members: number): Promise<void> {
  const events = history(members);
  const start = Date.now() - events.length * 60_000;
  const stream = groupStream(APP, GROUP);
  for (let i = 0; i < events.length; i += PER_APPEND) {
    const chunk = events.slice(i, i + PER_APPEND).map((event, k) => stored(event, i + k, start));
    await service.store.appendToStream(stream, chunk);
  }
}

function history(members: number): GroupEvent[] {
  let memberCount = 1;
  const created = {
    name: 'A group with a past',
    owner: 'owner',
    numericId: '1',
    capacity: 2 * members,
    settings: DEFAULT_SETTINGS,
  };
  const events: GroupEvent[] = [{ type: 'created', data: { ...created, memberCount: 1 } }];
  const joined = (userId: string) =>
    events.push({ type: 'memberJoined', data: { members: [{ userId }], via: 'join', memberCount: ++memberCount } });
  for (let i = 0; i < members; i++) {
    joined(`visitor-${i}`);
    joined(`member-${i}`);
    events.push({ type: 'memberLeft', data: { members: [{ userId: `visitor-${i}` }], memberCount: --memberCount } });
  }
  return events;
}

function stored({ type, data }: GroupEvent, i: number, start: number): EventData {
  const commandId = `history-${i}`;
  return jsonEvent({
    type,
    data: { ...data },
    metadata: {
      $correlationId: commandId,
      $causationId: commandId,
      app: APP,
      actor: { type: 'service' },
      commandId,
      commandHash: '0123456789abcdef',
      at: new Date(start + i * 60_000).toISOString(),
      schemaVersion: GROUP_EVENTS[type].version,
      batch: { index: 0, size: 1 },
    },
  });
}

async function firstCommand(service: Service, userId: string): Promise<number> {
  await service.stopPart('command');
  await service.startPart('command');
  // What a node does once, for its first command of any group, isn't asked here.
  await service.create({ groupId: `before ${userId}`, name: 'Another group', owner: 'owner' });
  return timed(() => service.command('join', { groupId: GROUP, userId }));
}

async function snapshotIsThere(service: Service): Promise<void> {
  const isThere = async () => {
    const events = await service.readAll(snapshotStream(APP, GROUP)).catch(() => []);
    return events.at(-1)?.type === 'snapshotManifest';
  };
  await waitFor(isThere, { withinMs: 60_000, everyMs: 50 });
}
