import { Checkpoints } from './checkpoints';

const START = { commit: 0, prepare: 0 };
const at = (position: number) => ({ commit: position, prepare: position });
const filter = (window: number, multiplier = 1) => ({ window, checkpointInterval: window * multiplier });

/** The checkpoints that become due while positions 1, 2, 3 ... are examined, of which some match. */
const run = (checkpoints: Checkpoints, count: number, isMatch: (position: number) => boolean, from = 1) =>
  Array.from({ length: count }, (_, i) => checkpoints.consider(from + i, isMatch(from + i))).flatMap((due, i) =>
    due ? [[from + i, due]] : [],
  );

describe('checkpoints while catching up', () => {
  it('are due at the end of a page, at its last match', () => {
    const checkpoints = new Checkpoints(filter(4), START);
    expect(run(checkpoints, 8, (position) => position !== 4)).toEqual([
      [4, at(3)],
      [8, at(8)],
    ]);
  });

  it('are the start of a page without a match, as commit alone', () => {
    const checkpoints = new Checkpoints(filter(4), START);
    expect(run(checkpoints, 8, () => false)).toEqual([
      [4, START],
      [8, { commit: 5, prepare: 0 }],
    ]);
  });

  it('end a page at 32 matches, however wide the window', () => {
    const checkpoints = new Checkpoints({ window: 1000, checkpointInterval: 32 }, START);
    expect(run(checkpoints, 64, () => true)).toEqual([
      [32, at(32)],
      [64, at(64)],
    ]);
  });

  it('wait for the interval over several pages', () => {
    const checkpoints = new Checkpoints(filter(4, 3), START);
    expect(run(checkpoints, 24, () => true)).toEqual([
      [12, at(12)],
      [24, at(24)],
    ]);
  });

  it('are due at the end of the log only for a whole interval', () => {
    const checkpoints = new Checkpoints({ window: 10, checkpointInterval: 5 }, START);
    run(checkpoints, 6, () => true);
    expect(checkpoints.caughtUp()).toEqual(at(6));
    const few = new Checkpoints({ window: 10, checkpointInterval: 5 }, START);
    run(few, 4, () => true);
    expect(few.caughtUp()).toBeUndefined();
  });
});

it('live checkpoints are due at the examined event, and the count continues from the catch-up', () => {
  const checkpoints = new Checkpoints(filter(4), START);
  run(checkpoints, 3, () => true);
  expect(checkpoints.caughtUp()).toBeUndefined();
  expect(run(checkpoints, 6, () => false, 4)).toEqual([
    [4, at(4)],
    [8, at(8)],
  ]);
});
