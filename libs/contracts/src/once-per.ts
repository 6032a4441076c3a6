/**
 * Limits something that may happen very often, such as a log line, to once in `ms` milliseconds. The returned function is
 * called each time. It returns the number of calls that this one stands for, itself included, if it may pass; else 0.
 */
export function oncePer(ms: number, now: () => number = () => performance.now()): () => number {
  let next = -Infinity;
  let held = 0;
  return () => {
    held += 1;
    const at = now();
    if (at < next) return 0;
    next = at + ms;
    const stands = held;
    held = 0;
    return stands;
  };
}
