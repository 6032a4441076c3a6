import { backoff } from './backoff';

const exact = (failures: number) => backoff(failures, { first: 50, longest: 1_000, jitter: 0 });

test('each pause is twice the one before it, up to the longest', () => {
  expect([1, 2, 3, 4, 5, 6, 7].map(exact)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000]);
});

test('a failure that lasts for years is retried at the longest pause', () => {
  expect(exact(10_000_000)).toBe(1_000);
});

test('a caller that counts no failure yet waits for the first pause', () => {
  expect(exact(0)).toBe(50);
});

test('chance shortens a pause by the jitter at most, by a half when none is named', () => {
  const drawn = (jitter?: number) =>
    Array.from({ length: 1_000 }, () =>
      backoff(9, { first: 50, longest: 1_000, ...(jitter === undefined ? {} : { jitter }) }),
    );
  for (const [pauses, least] of [
    [drawn(), 500],
    [drawn(1), 0],
    [drawn(0.2), 800],
  ] as const) {
    expect(Math.min(...pauses)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(1_000);
    expect(new Set(pauses).size).toBeGreaterThan(500);
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan((1_000 - least) / 2);
  }
});
