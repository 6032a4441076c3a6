/** Jest runs this after the last spec, whatever has failed. */
export default async function teardown(): Promise<void> {
  await globalThis.cohortTestHost?.stop();
}
