import { Host } from './host';
import { HOST_URL } from './host-client';

declare global {
  var cohortTestHost: Host | undefined;
}

/** Jest runs this before the first spec; its workers inherit the environment. */
export default async function setup(): Promise<void> {
  globalThis.cohortTestHost = await Host.start();
  process.env[HOST_URL] = globalThis.cohortTestHost.url;
}
