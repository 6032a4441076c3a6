import { setTimeout as delay } from 'node:timers/promises';

/**
 * Waits until the condition holds. After `withinMs` it rejects, with the last error of the condition as the cause. The
 * condition is checked once more when the time is over, because a busy machine may not have checked it for long.
 */
export async function waitFor(
  condition: () => boolean | Promise<boolean>,
  { withinMs = 15_000, everyMs = 20 }: { withinMs?: number; everyMs?: number } = {},
): Promise<void> {
  const until = Date.now() + withinMs;
  for (;;) {
    const isLast = Date.now() >= until;
    let cause: unknown;
    try {
      if (await condition()) return;
    } catch (error) {
      cause = error;
    }
    if (isLast) throw new Error(`not within ${withinMs / 1_000} s: ${condition.toString()}`, { cause });
    await delay(everyMs);
  }
}
