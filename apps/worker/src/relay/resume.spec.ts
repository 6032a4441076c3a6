import { isAfter, resume, type FeedMark } from './resume';

const mark = (sequence: number, streamCreated = 'A'): FeedMark => ({
  position: String(sequence * 10),
  eventId: `e${sequence}`,
  sequence,
  streamCreated,
});
const last = (sequence: number) => ({ position: String(sequence * 10), id: `e${sequence}`, sequence });
const stream = (lastSequence: number, { created = 'A', firstSequence = Math.min(1, lastSequence) } = {}) => ({
  created,
  firstSequence,
  lastSequence,
});

describe('where the feed goes on', () => {
  test('a new store: from the beginning of the log', () => {
    expect(resume(stream(0), undefined, undefined, 'all')).toEqual({
      why: 'new',
      mark: { position: '0', eventId: '', sequence: 0, streamCreated: 'A' },
    });
  });

  test('after the last message, whatever the checkpoint says: it lags, or JetStream lost what it acknowledged', () => {
    for (const stored of [undefined, mark(3), mark(9), mark(12), mark(4, 'old')]) {
      expect(resume(stream(9), last(9), stored, 'all')).toEqual({ why: 'tail', mark: mark(9) });
    }
  });

  test('after the last message of a relay, at the sequence of a foreign one after it', () => {
    expect(resume(stream(9), last(7), mark(7), 'all')).toEqual({ why: 'tail', mark: { ...mark(7), sequence: 9 } });
  });

  test('purged or expired: after the checkpoint, at the sequence that the stream kept', () => {
    const purged = stream(9, { firstSequence: 10 });
    expect(resume(purged, undefined, mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test('a last message that is gone, though the stream goes on counting from it: after the one that is there', () => {
    expect(resume(stream(9), last(5), mark(9), 'all')).toEqual({ why: 'tail', mark: { ...mark(5), sequence: 9 } });
  });

  test("of all that is left nothing is a relay's: after the checkpoint", () => {
    expect(resume(stream(9), undefined, mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test('purged up to what somebody else published: after the checkpoint', () => {
    const purged = stream(9, { firstSequence: 9 });
    expect(resume(purged, undefined, mark(8), 'all')).toEqual({ why: 'purged', mark: { ...mark(8), sequence: 9 } });
  });

  test.each([
    ['another stream of the same name', stream(0, { created: 'B' })],
    ['the same stream without what was in it', stream(0)],
  ])('lost, %s: the whole log, or by setting only what was not out', (_, found) => {
    const { created: streamCreated } = found;
    expect(resume(found, undefined, mark(8), 'all')).toEqual({
      why: 'lost',
      mark: { position: '0', eventId: '', sequence: 0, streamCreated },
    });
    expect(resume(found, undefined, mark(8), 'none')).toEqual({
      why: 'lost',
      mark: { ...mark(8), sequence: 0, streamCreated },
    });
  });

  test('a stream that was made anew and got nothing yet goes on as was decided when it was made', () => {
    const decided = { ...mark(8), sequence: 0, streamCreated: 'B' };
    expect(resume(stream(0, { created: 'B' }), undefined, decided, 'all')).toEqual({ why: 'new', mark: decided });
  });
});

test('a mark is after another by its sequence, and that of a later stream after any of an earlier one', () => {
  expect(isAfter(mark(2), mark(1))).toBe(true);
  expect(isAfter(mark(1), mark(1))).toBe(false);
  expect(isAfter(mark(0, 'B'), mark(9, 'A'))).toBe(true);
  expect(isAfter(mark(9, 'A'), mark(0, 'B'))).toBe(false);
});
