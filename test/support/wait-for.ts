import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the condition holds; fails after `withinMs` with the last error the condition threw, if any. */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 15_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<void> {
  const until = Date.now() + withinMs;
  let last: unknown;
  while (Date.now() < until) {
    try {
      if (await condition()) return;
    } catch (error) {
      last = error;
    }
    await delay(everyMs);
  }
  throw new Error(`not within ${withinMs / 1_000} s: ${condition.toString()}`, { cause: last });
}
