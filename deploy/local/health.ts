const TIMEOUT_MS = 2_000;

interface Readiness {
  readonly error?: Readonly<Record<string, { readonly message?: string } | undefined>>;
}

/**
 * Returns why a readiness check of a process fails; undefined if it passes, or if the process can't be asked.
 *
 * @param healthUrl Undefined if it isn't known yet.
 */
export async function failureOf(check: string, healthUrl: string | undefined): Promise<string | undefined> {
  if (healthUrl === undefined) return undefined;
  try {
    const response = await fetch(`${healthUrl}/health/ready`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    return ((await response.json()) as Readiness).error?.[check]?.message;
  } catch {
    return undefined;
  }
}
