import { setImmediate as turn } from 'node:timers/promises';
import { WrongSequence, type Expectation, type Published, type StoredMessage } from '@cohort/bus';
import type { FeedMessage } from './cloud-event';
import { Pipeline, type Publisher } from './pipeline';

const START = { position: '0', eventId: '', sequence: 5, streamCreated: 'A' };
const message = (n: number, size = 2): FeedMessage => ({
  event: {
    stream: 'group-demo/g',
    revision: n,
    position: String(n * 10),
    id: `e${n}`,
    type: 'memberJoined',
    data: {},
    metadata: {},
    created: new Date(0),
  },
  subject: 's',
  headers: { 'ce-id': `e${n}` },
  body: 'x'.repeat(size),
});

/** A stream that the test lets answer one message at a time. */
class Script implements Publisher {
  readonly sent: {
    id: string;
    lastSequence: number;
    lastId: string | undefined;
    answer(taken: Published): void;
    refuse(error: Error): void;
  }[] = [];
  readonly there = new Map<number, string>();
  /** The body of every message that is there. */
  body = 'xx';

  publish(_subject: string, _body: string, _headers: object, { id, lastSequence, lastId }: Expectation) {
    return new Promise<Published>((answer, refuse) => this.sent.push({ id, lastSequence, lastId, answer, refuse }));
  }

  messageAt(_stream: string, sequence: number): Promise<StoredMessage | undefined> {
    const id = this.there.get(sequence);
    if (id === undefined) return Promise.resolve(undefined);
    const headers = new Map([['ce-id', [id]]]);
    return Promise.resolve({ sequence, subject: 's', header: () => id, headers, body: Buffer.from(this.body) });
  }
}

let script: Script;
let pipeline: Pipeline;
beforeEach(() => {
  script = new Script();
  pipeline = new Pipeline(script, 'S', START, () => undefined);
});

const taken = (sequence: number, duplicate = false): Published => ({ sequence, duplicate });

/** Publishes the first message: from now on many may be in flight. */
const begun = async () => {
  await pipeline.push(message(0));
  script.sent[0]!.answer(taken(6));
  await pipeline.drained();
  script.sent.length = 0;
};
const published = (n: number, sequence: number) => ({ ...START, position: String(n * 10), eventId: `e${n}`, sequence });

test('the first message expects the sequence of the stream, which may have foreign messages after the mark', async () => {
  pipeline = new Pipeline(script, 'S', START, () => undefined, 9);
  await pipeline.push(message(1));
  expect(script.sent[0]).toMatchObject({ id: 'e1', lastSequence: 9 });
  script.sent[0]!.answer(taken(10));
  await pipeline.drained();
  expect(pipeline.mark).toEqual(published(1, 10));
});

test('the mark keeps the exact place of an event', async () => {
  const { event, ...rest } = message(1);
  await pipeline.push({ ...rest, event: { ...event, prepare: '8' } });
  script.sent[0]!.answer(taken(6));
  await pipeline.drained();
  expect(pipeline.mark).toEqual({ ...published(1, 6), prepare: '8' });
});

test('each message expects the sequence and the id of the one before it', async () => {
  await begun();
  for (const n of [1, 2, 3]) await pipeline.push(message(n));
  expect(script.sent.map(({ lastSequence }) => lastSequence)).toEqual([6, 7, 8]);
  expect(script.sent.map(({ lastId }) => lastId)).toEqual([undefined, 'e1', 'e2']);
});

test('the first message goes alone', async () => {
  await pipeline.push(message(1));
  const second = pipeline.push(message(2));
  await turn();
  expect(script.sent).toHaveLength(1);
  script.sent[0]!.answer(taken(6));
  await second;
  expect(script.sent[1]).toMatchObject({ id: 'e2', lastSequence: 6 });
});

test('the mark moves in order, in whatever order the answers arrive', async () => {
  await begun();
  for (const n of [1, 2]) await pipeline.push(message(n));
  script.sent[1]!.answer(taken(8));
  await turn();
  expect(pipeline.mark).toEqual(published(0, 6));
  script.sent[0]!.answer(taken(7));
  await pipeline.drained();
  expect(pipeline.mark).toEqual(published(2, 8));
});

test('the pipeline continues after it was empty', async () => {
  for (const n of [1, 2, 3]) {
    await pipeline.push(message(n));
    script.sent[n - 1]!.answer(taken(5 + n));
    await pipeline.drained();
    expect(pipeline.mark.sequence).toBe(5 + n);
  }
});

test('after a refusal the mark does not advance, and nothing more is sent', async () => {
  await begun();
  for (const n of [1, 2]) await pipeline.push(message(n));
  script.sent[0]!.refuse(new WrongSequence('wrong last sequence: 9'));
  script.sent[1]!.answer(taken(8));
  await pipeline.drained();
  await pipeline.push(message(3));
  expect(pipeline.signal.reason).toBeInstanceOf(WrongSequence);
  expect(pipeline.mark).toEqual(published(0, 6));
  expect(script.sent).toHaveLength(2);
});

describe('an id that the server recognises', () => {
  const duplicate = async (sequence: number) => {
    await pipeline.push(message(1));
    script.sent[0]!.answer(taken(sequence, true));
    await pipeline.drained();
  };

  test('counts as published when its message is there', async () => {
    script.there.set(6, 'e1');
    await duplicate(6);
    expect(pipeline.mark).toMatchObject({ eventId: 'e1', sequence: 6 });
  });

  test('counts as published when another relay was faster, and the next message follows that one', async () => {
    script.there.set(8, 'e1');
    await duplicate(8);
    await pipeline.push(message(2));
    expect(script.sent[1]).toMatchObject({ id: 'e2', lastSequence: 8 });
  });

  test('counts as published when its message was there and has been removed, and so do the next ones', async () => {
    await duplicate(4);
    expect(pipeline.mark).toEqual(published(1, 5));
    await pipeline.push(message(2));
    expect(script.sent[1]).toMatchObject({ id: 'e2', lastSequence: 5 });
    script.sent[1]!.answer(taken(5, true));
    await pipeline.push(message(3));
    expect(script.sent[2]).toMatchObject({ id: 'e3', lastSequence: 5 });
    script.sent[2]!.answer(taken(6));
    await pipeline.drained();
    expect(pipeline.mark).toEqual(published(3, 6));
  });

  test.each([
    ['is not there', 6, undefined],
    ['is another one', 6, 'e9'],
    ['is another one, earlier', 4, 'e9'],
  ])('ends the pipeline when its message %s', async (_, sequence, there) => {
    if (there !== undefined) script.there.set(sequence, there);
    await duplicate(sequence);
    expect(pipeline.signal.reason).toBeInstanceOf(Error);
    expect(pipeline.mark).toEqual(START);
  });

  test('does not count as published when somebody else published its message with another body, also once that is removed', async () => {
    const strangers = new Set<number>();
    const begin = () => (pipeline = new Pipeline(script, 'S', START, () => undefined, 5, strangers));
    begin();
    script.body = 'forged';
    script.there.set(5, 'e1');
    await duplicate(5);
    expect((pipeline.signal.reason as Error).message).toContain('message 5, which somebody else published');
    script.there.clear();
    script.sent.length = 0;
    begin();
    await duplicate(5);
    expect(pipeline.signal.aborted).toBe(true);
    expect(pipeline.mark).toEqual(START);
  });

  test('ends the pipeline when its message is in another place and others in flight follow it', async () => {
    await begun();
    for (const n of [1, 2]) await pipeline.push(message(n));
    script.there.set(6, 'e1');
    script.sent[0]!.answer(taken(6, true));
    await pipeline.drained();
    expect(pipeline.signal.reason).toBeInstanceOf(Error);
    expect(pipeline.mark).toEqual(published(0, 6));
  });
});

test('at most 512 messages or 4 MiB are in flight; the next one waits for room or for a failure', async () => {
  await begun();
  for (let n = 1; n <= 512; n++) await pipeline.push(message(n));
  const next = pipeline.push(message(513));
  await turn();
  expect(script.sent).toHaveLength(512);
  script.sent[0]!.answer(taken(7));
  await next;
  expect(script.sent).toHaveLength(513);

  pipeline = new Pipeline(script, 'S', START, () => undefined);
  script.sent.length = 0;
  await begun();
  for (let n = 1; n <= 4; n++) await pipeline.push(message(n, 1024 * 1024));
  const waiting = pipeline.push(message(5));
  pipeline.fail(new Error('lost'));
  await waiting;
  expect(script.sent).toHaveLength(4);
});
