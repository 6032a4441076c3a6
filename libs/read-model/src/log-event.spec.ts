import { created, joined } from '@cohort/contracts/testing';
import { readStored } from '@cohort/contracts';
import { sliceAtAppendEnds as slice, type LogEvent } from './log-event';
import { Log } from './testing/log';

const names = (slices: readonly { stream: string; revision: number }[][]) =>
  slices.map((slice) => slice.map(({ stream, revision }) => `${stream.split('/')[1]}:${revision}`).join(' '));
const sliceAtAppendEnds = (events: readonly LogEvent[], maxRows: number) => {
  const { slices, rest } = slice(
    events.map((event) => ({ event, reading: readStored(event) })),
    maxRows,
  );
  return { slices: slices.map((one) => one.map(({ event }) => event)), rest: rest.map(({ event }) => event) };
};
const users = (count: number) => Array.from({ length: count }, (_, i) => `u${i}`);

describe('slices of the log', () => {
  it('end where an append ends, and keep an unfinished one back', () => {
    const log = new Log();
    log.group('a', created('u1'));
    log.group('b', created('u1'), joined('add', 2, 'u2'), joined('add', 3, 'u3'));
    const { slices, rest } = sliceAtAppendEnds(log.events.slice(0, 3), 1_000);
    expect(names(slices)).toEqual(['a:0']);
    expect(names([rest])).toEqual(['b:0 b:1']);
  });

  it('have about the given number of rows, and at least one append', () => {
    const log = new Log();
    for (const id of ['a', 'b', 'c']) log.group(id, created('u1'), joined('add', 41, ...users(40)));
    expect(names(sliceAtAppendEnds(log.events, 100).slices)).toEqual(['a:0 a:1 b:0 b:1', 'c:0 c:1']);
    expect(names(sliceAtAppendEnds(log.events, 1).slices)).toEqual(['a:0 a:1', 'b:0 b:1', 'c:0 c:1']);
  });

  it('end an append where another one follows: the rest of it can not come', () => {
    const log = new Log();
    log.group('a', created('u1'), joined('add', 2, 'u2'), joined('add', 3, 'u3'));
    log.group('b', created('u1'));
    const without = log.events.filter(({ stream, revision }) => !(stream.endsWith('/a') && revision === 2));
    const { slices, rest } = sliceAtAppendEnds(without, 1);
    expect(names(slices)).toEqual(['a:0 a:1', 'b:0']);
    expect(rest).toEqual([]);
  });

  it('keep two appends to one stream apart', () => {
    const log = new Log();
    log.group('a', created('u1'));
    log.group('a', joined('add', 2, 'u2'));
    expect(names(sliceAtAppendEnds(log.events, 1).slices)).toEqual(['a:0', 'a:1']);
  });

  it('have an event without metadata as an append of its own', () => {
    const log = new Log();
    log.append('group-demo/a', [created('u1')], { batch: undefined });
    log.append('group-demo/a', [joined('add', 2, 'u2')], { batch: 'nonsense' });
    expect(names(sliceAtAppendEnds(log.events, 1).slices)).toEqual(['a:0', 'a:1']);
  });
});
