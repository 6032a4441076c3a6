import { ReadResp } from '@eventstore/db-client/generated/streams_pb';
import * as fc from 'fast-check';
import { TOMBSTONE, type RecordedEvent } from './model';
import { encodeReadEvent } from './read-event';
import { generateReadEvent, toReadEvent } from './wire';

const bytes = fc.uint8Array({ maxLength: 300 });
const events: fc.Arbitrary<RecordedEvent> = fc.record({
  id: fc.uuid(),
  type: fc.string({ maxLength: 200, unit: 'grapheme' }),
  json: fc.boolean(),
  data: bytes,
  metadata: bytes,
  stream: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  position: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  revision: fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER - 1 }),
  created: fc.integer({ min: 0, max: 4_102_444_800_000 }),
});

const decode = (encoded: Uint8Array) => ReadResp.deserializeBinary(encoded).toObject();

describe('an event of the hand-written encoder', () => {
  it('equals that of the generated classes, for any event', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(decode(encodeReadEvent(event))).toEqual(decode(generateReadEvent(event, false)));
        expect(encodeReadEvent(event).length).toBe(generateReadEvent(event, false).length);
      }),
    );
  });

  it.each([0, 1, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 32, 2 ** 35 - 1])('has the revision %d', (revision) => {
    const event = { ...sample, revision, position: revision + 1 };
    expect(decode(encodeReadEvent(event)).event?.event).toMatchObject({
      streamRevision: String(revision),
      commitPosition: String(revision + 1),
    });
  });

  it('comes from the generated classes for tombstones and structured ids', () => {
    expect(decode(toReadEvent({ ...sample, revision: TOMBSTONE }, false)).event?.event?.streamRevision).toBe(
      '9223372036854775807',
    );
    expect(decode(toReadEvent(sample, true)).event?.event?.id?.structured).toBeDefined();
  });
});

const sample: RecordedEvent = {
  id: '5f4668ab-2836-47d9-94fb-f3c4fcf3649f',
  type: 't',
  json: true,
  data: Buffer.from('{}'),
  metadata: Buffer.alloc(0),
  stream: 's',
  position: 512,
  revision: 0,
  created: 1_700_000_000_000,
};
