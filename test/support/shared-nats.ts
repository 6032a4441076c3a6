import { connect, ErrorCode, type NatsConnection } from 'nats';

/** The streams that Cohort makes on a nats-server. Jest's own process, which uses this, can't import `@cohort/contracts`. */
const STREAMS = ['GROUP_EVENTS', 'KV_COHORT_LEASES'] as const;
/** How the names of the streams with the files of tenants begin. */
const FILES = 'OBJ_COHORT_FILES_';
const RESPONSE_WITHIN_MS = 1_000;

/**
 * Checks that a nats-server that runs already isn't in use by a Cohort, whose requests the tests would answer and whose feed
 * they would write. Returns a function that removes what the tests leave on it.
 */
export async function borrowNats(url: string): Promise<() => Promise<void>> {
  const connection = await connect({ servers: url });
  try {
    const service = await firstService(connection);
    if (service !== undefined)
      throw new Error(`"${service}" serves on NATS_URL: the tests need a nats-server without other services.`);
    const manager = await connection.jetstreamManager();
    for await (const { config } of manager.streams.list()) {
      if (!(STREAMS as readonly string[]).includes(config.name)) continue;
      const advice = 'delete it if an earlier run has left it';
      throw new Error(
        `NATS_URL has the stream ${config.name}: the tests need a nats-server without a feed (${advice}).`,
      );
    }
  } finally {
    await connection.close();
  }
  return async () => {
    const again = await connect({ servers: url });
    const manager = await again.jetstreamManager();
    for (const name of STREAMS) await manager.streams.delete(name).catch(() => undefined);
    for await (const name of manager.streams.names()) if (name.startsWith(FILES)) await manager.streams.delete(name);
    await again.close();
  };
}

/** The name of a service that answers to discovery. */
async function firstService(connection: NatsConnection): Promise<string | undefined> {
  try {
    const answer = await connection.request('$SRV.PING', '', { timeout: RESPONSE_WITHIN_MS });
    return answer.json<{ name: string }>().name;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === ErrorCode.NoResponders || code === ErrorCode.Timeout) return undefined;
    throw error;
  }
}
