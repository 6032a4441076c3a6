import { groupStream, START, type GroupEvent } from '@cohort/contracts';
import { capacityChanged, created, importCompleted, importStarted, membersImported } from '@cohort/contracts/testing';
import type { ReadOptions, StoredEvent } from '@cohort/event-store';
import { evolve } from '@cohort/group';
import { groupStreams } from './group-streams';
import { readBack } from './read-back';
import { unwritten, type RecordedGroup } from './recorded-group';

const KEY = { app: 'demo', groupId: 'g' };
const AT = '2030-01-01T00:00:00.000Z';
const streams = groupStreams({} as Parameters<typeof groupStreams>[0]);
const chunk = (number: number) => membersImported(number, number + 2, { userId: `u${number}` });
const makes = [created('o'), importStarted('i')];

/** The event store with what another node may have stored, and the revisions that were read. */
class Log {
  readonly stored: StoredEvent[] = [];
  read: number[] = [];

  /** Appends events to a group, as this node makes them. `as`: what is stored instead. */
  append(group: RecordedGroup, events: readonly GroupEvent[], as = events): RecordedGroup {
    const named = events.map(({ type }, i) => ({ id: `e${group.revision + 1 + i}`, type }));
    named.forEach(({ id }, i) => {
      const revision = group.revision + 1 + i;
      const metadata = { app: 'demo', at: AT, schemaVersion: 1, actor: { type: 'service' } };
      const stream = groupStream(KEY.app, KEY.groupId);
      const { type, data } = as[i]!;
      this.stored.push({
        ...{ stream, revision, position: String(revision), id, type, data, metadata },
        created: new Date(0),
      });
    });
    const batch = { events: named, bytes: 100, state: events.reduce(evolve, group.state), lastAt: Date.parse(AT) };
    return streams.appended(group, batch, START);
  }

  async readBack(group: RecordedGroup): Promise<RecordedGroup> {
    this.read = [];
    return readBack({ read: (_stream, options) => this.events(options) }, KEY, group);
  }

  private async *events({ from = 0, limit = Infinity }: ReadOptions = {}): AsyncGenerator<StoredEvent> {
    for (const event of this.stored.slice(Number(from), Number(from) + limit)) {
      this.read.push(event.revision);
      yield await Promise.resolve(event);
    }
  }
}

const chunksAfter = (log: Log, group: RecordedGroup, from: number, to: number): RecordedGroup => {
  let last = group;
  for (let i = from; i < to; i++) last = log.append(last, [chunk(i)]);
  return last;
};

test('the chunks of an import and its end are not read back, and what is before them is read once', async () => {
  const log = new Log();
  const first = chunksAfter(log, log.append(unwritten(), makes), 0, 3);
  expect(await log.readBack(first)).toBe(first);
  expect(log.read).toEqual([0, 1]);

  const second = log.append(chunksAfter(log, first, 3, 5), [importCompleted(5, 6)]);
  expect((await log.readBack(second)).state).toBe(second.state);
  expect(log.read).toEqual([]);
});

test('chunks that follow another event are not read back, and that event is', async () => {
  const log = new Log();
  let group = chunksAfter(log, log.append(unwritten(), makes), 0, 2);
  await log.readBack(group);
  group = chunksAfter(log, log.append(group, [capacityChanged(9)]), 2, 4);
  await log.readBack(group);
  expect(log.read).toEqual([4]);
});

test('a group that is stored otherwise than this node made it is read back whole, each time', async () => {
  const log = new Log();
  const made = log.append(unwritten(), makes, [created('o', { numericId: '7' }), importStarted('i')]);
  let group = chunksAfter(log, made, 0, 2);
  const numberOf = ({ state }: RecordedGroup) => state.status === 'live' && state.info.numericId;
  expect([numberOf(group), numberOf(await log.readBack(group))]).toEqual(['4503599627370496', '7']);
  expect(log.read).toEqual([0, 1, 0, 1, 2, 3]);

  group = chunksAfter(log, group, 2, 4);
  expect(numberOf(await log.readBack(group))).toBe('7');
  expect(log.read).toEqual([4, 5]);
});
