import * as fc from 'fast-check';
import { v4, v7 } from 'uuid';
import { CommandMemory, timeOfUuidV7 } from './command-memory';

const command = (at: number, revision = 0) => ({ hash: 'h', revision, position: String(revision), at });
const alone = { index: 0, size: 1 };

test('the memory keeps what a first answer is made of', () => {
  const memory = new CommandMemory();
  const remembered = { ...command(5, 7), refused: [{ userId: 'o', code: 'OWNER_CANNOT_LEAVE' }] };
  memory.remember('c', remembered);
  expect(memory.find('c')).toEqual(remembered);
  expect(memory.find('other')).toBeUndefined();
});

test('commands that are too old are forgotten, but never the last ones', () => {
  const memory = new CommandMemory(100, 2);
  ['a', 'b', 'c', 'd'].forEach((id, i) => memory.remember(id, command(i * 10)));
  expect(memory.entries().map(([id]) => id)).toEqual(['a', 'b', 'c', 'd']);
  memory.remember('e', command(115));
  expect(memory.entries().map(([id]) => id)).toEqual(['c', 'd', 'e']);
  memory.remember('f', command(1_000));
  expect(memory.entries().map(([id]) => id)).toEqual(['e', 'f']);
});

test('a busy group remembers a bounded number of commands, whatever their age', () => {
  const memory = new CommandMemory(100, 1, 3);
  ['a', 'b', 'c', 'd'].forEach((id, i) => memory.remember(id, command(i)));
  expect(memory.entries().map(([id]) => id)).toEqual(['b', 'c', 'd']);
  expect(memory.forgottenUntil).toBe(0);
});

test('the memory keeps all commands of its time and at least the last ones', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.integer({ min: 1, max: 10 }), (pauses, keep) => {
      const memory = new CommandMemory(100, keep);
      let at = 0;
      const all = pauses.map((pause, i) => {
        at += pause;
        memory.remember(`c${i}`, command(at, i));
        return { id: `c${i}`, at };
      });
      const due = all.filter((one, i) => i >= all.length - keep || one.at >= at - 100);
      expect(memory.entries().map(([id]) => id)).toEqual(due.map(({ id }) => id));
    }),
  );
});

test('a replayed command has the revision of its own last event and the position of its append', () => {
  const memory = new CommandMemory();
  memory.replay('a', command(1, 3), { index: 0, size: 4 });
  memory.replay('a', command(1, 4), { index: 1, size: 4 });
  memory.replay('b', command(2, 5), { index: 2, size: 4 });
  memory.replay('c', command(3, 6), { index: 3, size: 4 });
  memory.replay('d', command(4, 7), alone);
  expect(memory.entries().map(([id, { revision, position }]) => [id, revision, position])).toEqual([
    ['a', 4, '6'],
    ['b', 5, '6'],
    ['c', 6, '6'],
    ['d', 7, '7'],
  ]);
});

test('a correction replaces a remembered command in its place, and adds no forgotten one', () => {
  const memory = new CommandMemory();
  memory.remember('a', command(5));
  memory.remember('b', command(6));
  memory.correct('a', command(3));
  memory.correct('c', command(3));
  expect(memory.entries()).toEqual([
    ['a', command(3)],
    ['b', command(6)],
  ]);
});

describe('a command may have been forgotten', () => {
  const at = Date.parse('2030-01-01T00:00:00Z');
  const forgetful = () => {
    const memory = new CommandMemory(100, 1);
    memory.remember('a', command(at));
    memory.remember('b', command(at + 1_000));
    return memory;
  };

  test('if its id is a UUIDv7 no younger than a forgotten command', () => {
    const memory = forgetful();
    expect(memory.forgottenUntil).toBe(at);
    expect(memory.mayHaveForgotten(v7({ msecs: at }))).toBe(true);
    expect(memory.mayHaveForgotten(v7({ msecs: at - 1 }).toUpperCase())).toBe(true);
    expect(memory.mayHaveForgotten(v7({ msecs: at + 1 }))).toBe(false);
  });

  test('not if its id has no time: then it counts as new', () => {
    expect(forgetful().mayHaveForgotten(v4())).toBe(false);
    expect(forgetful().mayHaveForgotten('order-4711')).toBe(false);
  });

  test('not if none was', () => {
    const memory = new CommandMemory();
    memory.remember('a', command(at));
    expect(memory.mayHaveForgotten(v7({ msecs: 0 }))).toBe(false);
    memory.forgotUntil(at);
    expect(memory.mayHaveForgotten(v7({ msecs: 0 }))).toBe(true);
  });
});

test('the time of a UUIDv7 is read from the id, and of no other id', () => {
  expect(timeOfUuidV7(v7({ msecs: 1_234_567_890_123 }))).toBe(1_234_567_890_123);
  expect(timeOfUuidV7(v4())).toBeUndefined();
  expect(timeOfUuidV7(`${v7()}x`)).toBeUndefined();
});
