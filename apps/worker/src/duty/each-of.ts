/** Runs `run` for each item, some at a time. After a failure no item is begun; it is thrown when those in progress end. */
export async function eachOf<T>(items: readonly T[], atOnce: number, run: (item: T) => Promise<void>): Promise<void> {
  const left = [...items].reverse();
  const lane = async () => {
    try {
      for (let item = left.pop(); item !== undefined; item = left.pop()) await run(item);
    } catch (error) {
      left.length = 0;
      throw error;
    }
  };
  const outcomes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
