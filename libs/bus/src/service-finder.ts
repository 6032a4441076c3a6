import { listen } from '@cohort/contracts';
import { createInbox, type Msg, type Subscription } from 'nats';
import type { Bus } from './bus';

/** Longest answer to discovery, in bytes. */
const MAX_BYTES = 4_096;

/**
 * Finds the running instances of a service by discovery (ADR-32). Their answers come from subjects that only services
 * subscribe to, so other clients that may publish can't pass for an instance.
 */
export class ServiceFinder {
  private readonly inbox = createInbox();
  private readonly subscription: Subscription;

  /** @param found called with the metadata of each instance that answers */
  constructor(
    private readonly bus: Pick<Bus, 'connection' | 'faults' | 'status'>,
    private readonly name: string,
    found: (metadata: Readonly<Record<string, string>>) => void,
  ) {
    this.subscription = listen<Msg, Subscription>(bus.connection, this.inbox, {
      onMessage: ({ data }) => {
        const metadata = data.length > MAX_BYTES ? undefined : metadataOf(data, name);
        if (metadata) found(metadata);
      },
      onFault: (error) => bus.faults.report(error, { service: name }),
    });
  }

  /** Asks all instances. Each that runs answers once. */
  ask(): void {
    if (this.bus.status === 'connected') {
      this.bus.connection.publish(`$SRV.PING.${this.name}`, '', { reply: this.inbox });
    }
  }

  close(): void {
    this.subscription.unsubscribe();
  }
}

/** The metadata in the answer of an instance of the service; undefined for any other message. */
function metadataOf(data: Uint8Array, service: string): Readonly<Record<string, string>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
  const { type, name, metadata } = (value ?? {}) as { type?: unknown; name?: unknown; metadata?: unknown };
  if (type !== 'io.nats.micro.v1.ping_response' || name !== service) return undefined;
  if (typeof metadata !== 'object' || metadata === null) return undefined;
  return Object.fromEntries(Object.entries(metadata).filter(([, text]) => typeof text === 'string'));
}
