import { isAfter, type FeedMark } from './mark';
import { resume } from './resume';

const mark = (sequence: number, streamCreated = 'A'): FeedMark => ({
  position: String(sequence * 10),
  eventId: `e${sequence}`,
  sequence,
  streamCreated,
});
/** All of the stream is examined, and this is its last event. */
const tail = (examined: number, sequence?: number) => ({
  last: sequence === undefined ? undefined : { position: String(sequence * 10), id: `e${sequence}`, sequence },
  examined,
});
const stream = (lastSequence: number, { created = 'A', firstSequence = Math.min(1, lastSequence) } = {}) => ({
  created,
  firstSequence,
  lastSequence,
});

describe('the feed continues', () => {
  test('from the beginning of the log in a new store', () => {
    expect(resume(stream(0), tail(0), undefined, 'all')).toEqual({
      why: 'new',
      mark: { position: '0', eventId: '', sequence: 0, streamCreated: 'A' },
    });
  });

  test('after the last message, whatever the checkpoint says: it may lag, or JetStream may have lost messages', () => {
    for (const stored of [undefined, mark(3), mark(9), mark(12), mark(4, 'old')]) {
      expect(resume(stream(9), tail(9, 9), stored, 'all')).toEqual({ why: 'tail', mark: mark(9) });
    }
  });

  test('after the last message of a relay, at the sequence of a foreign message that follows it', () => {
    expect(resume(stream(9), tail(9, 7), mark(7), 'all')).toEqual({ why: 'tail', mark: { ...mark(7), sequence: 9 } });
  });

  test('after the checkpoint, at the sequence that the stream kept, when all messages expired or were purged', () => {
    const purged = stream(9, { firstSequence: 10 });
    expect(resume(purged, tail(9), mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test('after the last message that exists, when a later one is gone but the stream still counts it', () => {
    expect(resume(stream(9), tail(9, 5), mark(9), 'all')).toEqual({ why: 'tail', mark: { ...mark(5), sequence: 9 } });
  });

  test('after the checkpoint, when no remaining message is from a relay', () => {
    expect(resume(stream(9), tail(9), mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test('after the checkpoint, when the stream was purged up to a foreign message', () => {
    const purged = stream(9, { firstSequence: 9 });
    expect(resume(purged, tail(9), mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test.each([
    ['replaced by another one', stream(0, { created: 'B' })],
    ['emptied but not purged', stream(0)],
  ])('with the whole log, or by setting only with unpublished events, when the stream was lost: %s', (_, found) => {
    const { created: streamCreated } = found;
    expect(resume(found, tail(0), mark(8), 'all')).toEqual({
      why: 'lost',
      mark: { position: '0', eventId: '', sequence: 0, streamCreated },
    });
    expect(resume(found, tail(0), mark(8), 'none')).toEqual({
      why: 'lost',
      mark: { ...mark(8), sequence: 0, streamCreated },
    });
  });

  test('as decided when the stream was created, while nothing was published to it', () => {
    const decided = { ...mark(8), sequence: 0, streamCreated: 'B' };
    expect(resume(stream(0, { created: 'B' }), tail(0), decided, 'all')).toEqual({ why: 'new', mark: decided });
  });
});

test('marks of one stream are ordered by sequence, and a mark of a later stream is after any of an earlier one', () => {
  expect(isAfter(mark(2), mark(1))).toBe(true);
  expect(isAfter(mark(1), mark(1))).toBe(false);
  expect(isAfter(mark(0, 'B'), mark(9, 'A'))).toBe(true);
  expect(isAfter(mark(9, 'A'), mark(0, 'B'))).toBe(false);
});
