import { Empty, ErrorCode, NatsError, type NatsConnection } from 'nats';
import { JETSTREAM_CODES } from './jetstream-errors';

/** What JetStream is doing instead of working. */
export interface JetStreamTrouble {
  /** `absent`: the server replied that JetStream isn't enabled. `silent`: nothing replied in time. */
  readonly kind: 'absent' | 'silent';
  /** For operators. */
  readonly why: string;
}

interface Reply {
  readonly error?: { readonly code: number; readonly err_code?: number; readonly description?: string };
}

/**
 * Asks JetStream for a stream, which need not exist. A server can serve core NATS although its JetStream answers nothing any
 * more, for example after a full disk. Returns undefined if JetStream answered.
 *
 * @throws NatsError the connection was closed
 */
export async function jetStreamTrouble(
  connection: NatsConnection,
  stream: string,
  timeout: number,
): Promise<JetStreamTrouble | undefined> {
  try {
    const { error } = (await connection.request(`$JS.API.STREAM.INFO.${stream}`, Empty, { timeout })).json<Reply>();
    const code = error?.err_code;
    if (code === JETSTREAM_CODES.notEnabled || code === JETSTREAM_CODES.notEnabledForAccount) {
      return { kind: 'absent', why: 'JetStream is not enabled for this account of the nats-server' };
    }
    // Other errors, such as a missing stream, are answers. 503 means that the cluster has no leader now.
    if (error?.code !== 503) return undefined;
    return { kind: 'silent', why: `JetStream can't work now: ${error.description ?? 'it has no leader'}` };
  } catch (error) {
    const code = error instanceof NatsError ? error.code : undefined;
    if (code === ErrorCode.Timeout) {
      return { kind: 'silent', why: `JetStream did not answer within ${timeout} ms, although the nats-server runs` };
    }
    if (code === ErrorCode.NoResponders) {
      return { kind: 'absent', why: 'nothing answers for JetStream: it is not enabled on the nats-server' };
    }
    throw error;
  }
}
