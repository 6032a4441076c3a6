/**
 * Lets many callers share one read that is begun after each of them asked: while one is under way, those who come wait for
 * the next one.
 */
export function shared<T>(read: () => Promise<T>): () => Promise<T> {
  let latest: Promise<unknown> = Promise.resolve();
  let next: Promise<T> | undefined;
  return () => {
    if (!next) {
      const begin = (): Promise<T> => {
        next = undefined;
        return read();
      };
      next = latest.then(begin, begin);
      latest = next;
    }
    return next;
  };
}
