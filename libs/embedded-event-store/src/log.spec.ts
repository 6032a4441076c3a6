import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { EventLog, NewerSchemaError } from './log';
import type { Expected, ProposedEvent, Write } from './model';

const event = (data = '{}'): ProposedEvent => ({
  id: randomUUID(),
  type: 't',
  json: true,
  data: Buffer.from(data),
  metadata: Buffer.alloc(0),
});
const ANY: Expected = { kind: 'any' };
const append = (stream: string, count = 1, expected: Expected = ANY): Write & { kind: 'append' } => ({
  kind: 'append',
  stream,
  expected,
  events: Array.from({ length: count }, () => event()),
});
const at = (revision: number): Expected => ({ kind: 'revision', revision: BigInt(revision) });
const revisionsOf = (log: EventLog, stream: string) =>
  log.readStream(stream, 0, 'forwards', 1000).map(({ revision }) => revision);

let directory: string;
let file: string;
let log: EventLog;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'event-log-'));
  file = join(directory, 'events.db');
  log = EventLog.open(file);
});
afterEach(() => {
  log.close();
  rmSync(directory, { recursive: true });
});

describe('a group of writes', () => {
  it('is decided in order, each write on the result of the earlier ones', () => {
    const { outcomes, touched } = log.write([
      append('s', 2, { kind: 'noStream' }),
      append('s', 1, at(1)),
      append('s', 1, at(1)),
      append('other', 1),
      { kind: 'tombstone', stream: 'other', expected: at(0) },
      append('other', 1),
    ]);
    expect(outcomes.map(({ kind }) => kind)).toEqual([
      'success',
      'success',
      'wrongExpectedVersion',
      'success',
      'success',
      'streamDeleted',
    ]);
    expect([...touched]).toEqual(['s', 'other']);
    expect(revisionsOf(log, 's')).toEqual([0, 1, 2]);
  });

  it('skips an append whose deadline passed while it waited', () => {
    const late = { ...append('s'), deadline: Date.now() - 1 };
    expect(log.write([late]).outcomes).toEqual([{ kind: 'timeout' }]);
    expect(revisionsOf(log, 's')).toEqual([]);
  });

  it('writes nothing when the disk is full, and the log continues from its previous state', () => {
    const before = log.write([append('s', 2)]).outcomes[0];
    // The limit is the present size, so the next page doesn't fit.
    const { db } = log as unknown as { db: Database.Database };
    db.exec('pragma max_page_count = 1');
    const large = { ...append('s'), events: [event('x'.repeat(100_000))] };
    expect(() => log.write([append('small'), large])).toThrow('database or disk is full');
    db.exec('pragma max_page_count = 1000000');
    expect(revisionsOf(log, 's')).toEqual([0, 1]);
    expect(log.standing('small')).toBe('missing');
    const after = log.write([append('s', 1, at(1)), append('small', 1, { kind: 'noStream' })]).outcomes;
    expect(after[0]).toMatchObject({ kind: 'success', revision: 2 });
    expect(before?.kind === 'success' && after[0]?.kind === 'success' && after[0].position > before.position).toBe(
      true,
    );
    expect(revisionsOf(log, 'small')).toEqual([0]);
  });
});

describe('reading the log', () => {
  it('limits a page to about a mebibyte, but returns at least one event', () => {
    for (let i = 0; i < 5; i++)
      log.write([{ ...append('s'), events: [event('x'.repeat(600_000))] }, append('between')]);
    expect(log.readStream('s', 0, 'forwards', 100)).toHaveLength(1);
    expect(log.readStream('s', 4, 'backwards', 100).map(({ revision }) => revision)).toEqual([4]);
    expect(log.readAll(0, 'forwards', 100).length).toBeLessThan(5);
    expect(log.readAll(0, 'forwards', 100).length).toBeGreaterThan(0);
  });

  it('distinguishes positions where a record starts', () => {
    log.write([append('a', 3), append('b', 1)]);
    const positions = log.readAll(0, 'forwards', 10).map(({ position }) => position);
    const isStart = (commit: number) => log.isRecordStart({ commit, prepare: commit });
    expect(positions.every(isStart)).toBe(true);
    expect(positions.map((position) => isStart(position + 1))).toEqual([false, false, false, false]);
    expect([isStart(0), isStart(1_000_000)]).toEqual([true, true]);
    log.write([{ kind: 'tombstone', stream: 'a', expected: ANY }]);
    log.erase('a');
    // Positions of erased records are no longer known, so all are accepted.
    expect(positions.every(isStart)).toBe(true);
  });
});

describe('erasing hidden events', () => {
  it('proceeds in small steps and ends', () => {
    log.write([append('s', 1200), { kind: 'delete', stream: 's', expected: ANY }]);
    expect([log.erase('s'), log.erase('s'), log.erase('s'), log.erase('s')]).toEqual([
      { erased: 500, more: true },
      { erased: 500, more: true },
      { erased: 200, more: false },
      { erased: 0, more: false },
    ]);
  });

  it('leaves a stream without limits unchanged', () => {
    log.write([append('s', 3)]);
    expect(log.erase('s')).toEqual({ erased: 0, more: false });
    expect(log.erase('missing')).toEqual({ erased: 0, more: false });
  });
});

describe('the file of a log', () => {
  it('is locked by one log at a time, and is free after close', () => {
    expect(() => EventLog.open(file)).toThrow('database is locked');
    log.write([append('s', 2)]);
    log.close();
    log = EventLog.open(file);
    expect(revisionsOf(log, 's')).toEqual([0, 1]);
  });

  it('is rejected if a newer version wrote it', () => {
    log.close();
    const db = new Database(file);
    db.exec('pragma user_version = 99');
    db.close();
    expect(() => EventLog.open(file)).toThrow(NewerSchemaError);
    const back = new Database(file);
    back.exec('pragma user_version = 1');
    back.close();
    log = EventLog.open(file);
  });
});
