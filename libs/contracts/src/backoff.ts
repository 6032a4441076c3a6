export interface BackoffOptions {
  /** Milliseconds before the first retry. */
  readonly first: number;
  /** Milliseconds that no pause exceeds. */
  readonly longest: number;
  /**
   * The share of a pause that is left to chance, 0 to 1; default a half. Chance keeps callers that failed together from
   * retrying together.
   */
  readonly jitter?: number;
}

/**
 * Milliseconds to wait before the next attempt after this many failures in a row. Each pause is twice the one before it, up
 * to the longest; chance only shortens it.
 */
export function backoff(failures: number, { first, longest, jitter = 0.5 }: BackoffOptions): number {
  const pause = Math.min(longest, first * 2 ** (Math.max(1, failures) - 1));
  return pause * (1 - jitter * Math.random());
}
