import { comparePlaces, placeAt, ReadSoFar, serverPosition } from './place';

test('a place has a second number only if the two numbers of the server differ', () => {
  expect(placeAt({ commit: 7n, prepare: 7n })).toEqual({ position: '7' });
  expect(placeAt({ commit: 7n, prepare: 5n })).toEqual({ position: '7', prepare: '5' });
});

test('the server gets back the numbers that it sent', () => {
  for (const position of [
    { commit: 7n, prepare: 7n },
    { commit: 7n, prepare: 0n },
    { commit: 2n ** 63n - 1n, prepare: 5n },
  ]) {
    expect(serverPosition(placeAt(position))).toEqual(position);
  }
});

test('places are ordered by position first, then by the second number', () => {
  const places = [
    { position: '9' },
    { position: '20', prepare: '11' },
    { position: '20', prepare: '13' },
    { position: '20' },
    { position: '21', prepare: '0' },
  ];
  expect([...places].reverse().sort(comparePlaces)).toEqual(places);
});

describe('the position up to which a follower has read everything', () => {
  test('is that of the last event, if the event is no part of a transaction', () => {
    const read = new ReadSoFar({ position: '5' });
    expect(read.advance({ position: '8' })).toBe(true);
    expect(read.complete).toBe('8');
  });

  test('stays before a transaction until something after it was read', () => {
    const read = new ReadSoFar({ position: '5' });
    expect(read.advance({ position: '20', prepare: '11' })).toBe(true);
    expect(read.advance({ position: '20', prepare: '13' })).toBe(true);
    expect(read.complete).toBe('5');
    expect(read.place).toEqual({ position: '20', prepare: '13' });
    read.advance({ position: '30', prepare: '25' });
    expect(read.complete).toBe('20');
    read.atEnd();
    expect(read.complete).toBe('30');
  });

  test('is not moved by an event that was read before', () => {
    const read = new ReadSoFar({ position: '20', prepare: '13' });
    expect(read.advance({ position: '20', prepare: '13' })).toBe(false);
    expect(read.advance({ position: '20', prepare: '11' })).toBe(false);
    expect(read.advance({ position: '20', prepare: '15' })).toBe(true);
  });
});
