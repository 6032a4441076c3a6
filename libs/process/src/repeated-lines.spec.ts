import { kindOf, RepeatedLines } from './repeated-lines';

describe('repeated lines', () => {
  let now: number;
  let reports: [string, number][];
  let lines: RepeatedLines;
  const passes = (kind: string) => lines.passes(kind, (held) => reports.push([kind, held]));
  const written = (kind: string, times: number) => Array.from({ length: times }, () => passes(kind)).filter(Boolean);

  beforeEach(() => {
    now = 0;
    reports = [];
    lines = new RepeatedLines({ perKind: 3, now: () => now });
  });
  afterEach(() => lines.flush());

  test('the first lines of a kind are written, and the others of the minute are held', () => {
    expect(written('full', 100_000)).toHaveLength(3);
    expect(written('away', 2)).toHaveLength(2);
  });

  test('after the minute, one report has the number of held lines, and lines of the kind are written again', () => {
    written('full', 10);
    written('away', 2);
    now = 59_999;
    expect(passes('full')).toBe(false);
    now = 60_000;
    expect(passes('full')).toBe(true);
    expect(reports).toEqual([['full', 8]]);
  });

  test('the held lines are reported although no further line comes', () => {
    jest.useFakeTimers();
    try {
      lines = new RepeatedLines({ perKind: 1 });
      written('full', 5);
      jest.advanceTimersByTime(60_000);
      expect(reports).toEqual([['full', 4]]);
    } finally {
      jest.useRealTimers();
    }
  });

  test('the end of the process reports what is held', () => {
    written('full', 10);
    lines.flush();
    lines.flush();
    expect(reports).toEqual([['full', 7]]);
  });

  test('lines of ever new kinds are bounded together, and so is the memory for them', () => {
    const all = Array.from({ length: 50_000 }, (_, n) => passes(`kind ${n}`)).filter(Boolean);
    expect(all.length).toBeLessThanOrEqual(1_010);
  });

  test('beyond the bound for all kinds, the first line of a new kind is still written', () => {
    lines = new RepeatedLines({ perKind: 5_000, now: () => now });
    expect(written('full', 3_000)).toHaveLength(1_000);
    expect(written('new', 2)).toHaveLength(1);
  });

  test('a report that is itself a line does not begin another report', () => {
    lines.passes('full', () => undefined);
    const again = () => void lines.passes('report', () => reports.push(['report', 1]));
    for (let n = 0; n < 10; n++) lines.passes('full', again);
    lines.flush();
    expect(reports).toEqual([]);
  });
});

test.each([
  ['append to group-demo/g17 is unknown', 'append to group-demo/alpha is unknown'],
  ['127.0.0.1:5000 - cid:12 - closed', '127.0.0.1:5001 - cid:9 - closed'],
  ['The event "a b" failed', 'The event "c" failed'],
  ['after 3.5 s', 'after 12 s'],
  ['id 0190f7a0-0000-7000-8000-000000000000', 'id 0190f7a1-0000-7000-8000-00000000000a'],
])('%p and %p are lines of one kind', (one, other) => {
  expect(kindOf(one)).toBe(kindOf(other));
});

test('lines with other words are of another kind', () => {
  expect(kindOf('the disk is full')).not.toBe(kindOf('the disk is damaged'));
});
