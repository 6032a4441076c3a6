/** Set by `setup.ts` before Jest starts its workers. */
export const HOST_URL = 'COHORT_TEST_HOST';

export const hasHost = (): boolean => process.env[HOST_URL] !== undefined;

/** Asks the host of this run, which lives in Jest's own process; throws the reason for which it fails. */
export async function askHost<T>(what: string, body: object = {}): Promise<T> {
  const url = process.env[HOST_URL];
  if (url === undefined) throw new Error('Only a spec of the projects integration, e2e and container has a test host.');
  const response = await fetch(`${url}/${what}`, { method: 'POST', body: JSON.stringify(body) });
  const { value, error } = (await response.json()) as { value: T; error?: string };
  if (error !== undefined) throw new Error(error);
  return value;
}
