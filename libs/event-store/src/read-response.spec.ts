import fc from 'fast-check';
import { convertGrpcEvent } from '@eventstore/db-client/dist/utils';
import { Empty, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb';
import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import { decodeReadResponse } from './read-response';

const { ReadEvent } = ReadResp;

/** What the client makes of a response with an event. */
const converted = (response: ReadResp): unknown => convertGrpcEvent(response.getEvent()!);
const generated = (bytes: Uint8Array): ReadResp => ReadResp.deserializeBinary(bytes);
/** As gRPC gives it: a part of a larger buffer. */
const received = (bytes: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from('..'), bytes, Buffer.from('..')]).subarray(2, -2);

interface Parts {
  readonly id: string;
  readonly stream: string;
  readonly revision: string;
  readonly commit: string;
  readonly prepare: string;
  readonly texts: readonly (readonly [string, string])[];
  readonly metadata: Uint8Array;
  readonly data: Uint8Array;
}

function recorded({ id, stream, revision, commit, prepare, texts, metadata, data }: Parts) {
  const record = new ReadEvent.RecordedEvent()
    .setId(new UUID().setString(id))
    .setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream)))
    .setStreamRevision(revision)
    .setCommitPosition(commit)
    .setPreparePosition(prepare)
    .setCustomMetadata(metadata)
    .setData(data);
  for (const [name, text] of texts) record.getMetadataMap().set(name, text);
  return record;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const PARTS: Parts = {
  id: '5f0e2a3c-2f0b-4a52-9f3c-0d7a3a1f5b11',
  stream: 'group-demo/销售 1',
  revision: '7',
  commit: '123456789',
  prepare: '123456789',
  texts: [
    ['type', 'memberJoined'],
    ['content-type', 'application/json'],
    ['created', '17642000000000000'],
  ],
  metadata: json({ app: 'demo', at: '2026-01-01T00:00:00.000Z' }),
  data: json({ members: [{ userId: '安' }], memberCount: 2 }),
};
const responseOf = (parts: Partial<Parts> = {}): ReadResp =>
  new ReadResp().setEvent(new ReadEvent().setEvent(recorded({ ...PARTS, ...parts })).setCommitPosition('123456789'));

test('an event of the usual form is decoded here, and is what the generated code makes of it', () => {
  const bytes = responseOf().serializeBinary();
  const decoded = decodeReadResponse(received(bytes));
  expect(decoded).not.toBeInstanceOf(ReadResp);
  expect(decoded.hasEvent()).toBe(true);
  expect(converted(decoded)).toEqual(converted(generated(bytes)));
  expect(converted(decoded)).toMatchObject({
    event: { streamId: PARTS.stream, revision: 7n, type: 'memberJoined', data: { memberCount: 2 } },
    commitPosition: 123456789n,
  });
});

const signed = (bits: bigint): string => String(BigInt.asIntN(64, bits));
const STRUCTURED = new UUID().setStructured(
  new UUID.Structured()
    .setMostSignificantBits(signed(0x5f0e2a3c2f0b4a52n))
    .setLeastSignificantBits(signed(0x9f3c0d7a3a1f5b11n)),
);

test.each<[string, ReadResp]>([
  ['whose id is structured', withId(STRUCTURED)],
  ['whose revision is that of a tombstone', responseOf({ revision: String(2n ** 63n - 1n) })],
  ['whose type has other characters than ASCII', responseOf({ texts: [['type', '销售']] })],
  ['of a resolved link', new ReadResp().setEvent(responseOf().getEvent()!.setLink(recorded(PARTS)))],
])('an event %s is left to the generated code', (_what, response) => {
  const bytes = response.serializeBinary();
  const decoded = decodeReadResponse(received(bytes));
  expect(decoded).toBeInstanceOf(ReadResp);
  expect(converted(decoded)).toEqual(converted(generated(bytes)));
});

function withId(id: UUID): ReadResp {
  const response = responseOf();
  response.getEvent()!.getEvent()!.setId(id);
  return response;
}

test.each<[string, ReadResp]>([
  ['a confirmation', new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId('s'))],
  ['a checkpoint', new ReadResp().setCheckpoint(new ReadResp.Checkpoint().setCommitPosition('5'))],
  ['a missing stream', new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound())],
  ['the end of the log', new ReadResp().setCaughtUp(new ReadResp.CaughtUp())],
  ['an empty message', new ReadResp()],
])('%s is left to the generated code', (_what, response) => {
  expect(decodeReadResponse(received(response.serializeBinary())).toObject()).toEqual(response.toObject());
});

const number = fc.oneof(fc.bigInt(0n, 2n ** 63n - 1n), fc.bigInt(0n, 300n), fc.bigInt(2n ** 53n - 2n, 2n ** 53n + 2n));
const text = (maxLength: number) => fc.string({ unit: 'binary', maxLength });
const parts: fc.Arbitrary<Parts> = fc.record({
  id: fc.oneof(fc.uuid(), fc.constant(''), text(5)),
  stream: text(200),
  revision: number.map(String),
  commit: number.map(String),
  prepare: number.map(String),
  texts: fc.array(
    fc.tuple(
      fc.constantFrom('type', 'content-type', 'created', 'is-json', '__proto__', ''),
      fc.oneof(fc.constant('application/json'), fc.nat().map(String), text(10)),
    ),
    { maxLength: 5 },
  ),
  metadata: fc.oneof(fc.uint8Array(), fc.object().map(json)),
  data: fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.object().map(json)),
});

test('any event is what the generated code makes of it, with and without its position', () => {
  fc.assert(
    fc.property(parts, fc.constantFrom('commit', 'none', 'missing'), (of, position) => {
      const event = new ReadEvent().setEvent(recorded(of));
      if (position === 'commit') event.setCommitPosition(of.commit);
      if (position === 'none') event.setNoPosition(new Empty());
      const bytes = new ReadResp().setEvent(event).serializeBinary();
      expect(converted(decodeReadResponse(received(bytes)))).toEqual(converted(generated(bytes)));
    }),
    { numRuns: 300 },
  );
});

/** The outcome of decoding bytes that no server sends. */
function outcome(decode: () => ReadResp): unknown {
  try {
    const response = decode();
    return response.hasEvent() ? converted(response) : 'no event';
  } catch {
    return 'refused';
  }
}

test('bytes that were cut or changed have the outcome that they have in the generated code', () => {
  const whole = responseOf().serializeBinary();
  fc.assert(
    fc.property(fc.nat(whole.length), fc.nat(whole.length - 1), fc.nat(255), (length, at, byte) => {
      const bytes = Uint8Array.from(whole);
      bytes[at] = byte;
      const cut = bytes.slice(0, length);
      expect(outcome(() => decodeReadResponse(received(cut)))).toEqual(outcome(() => generated(cut)));
    }),
    { numRuns: 1_000 },
  );
});
