import { MAX_FEED_MESSAGE_BYTES, REQUEST_SUBJECTS } from '@cohort/contracts';
import type { StreamState } from '@cohort/bus';

/** Whether some subject matches both patterns (`*` is one token, `>` is one or more to the end). */
export function overlap(a: string, b: string): boolean {
  const [left, right] = [a.split('.'), b.split('.')];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === undefined || y === undefined) return false;
    if (x === '>' || y === '>') return true;
    if (x !== '*' && y !== '*' && x !== y) return false;
  }
  return true;
}

/** Why events can't be published safely on this server, in a sentence for its operator; undefined when they can. */
export function refusal(
  maxPayload: number,
  streams: readonly { readonly name: string; readonly subjects: readonly string[] }[],
): string | undefined {
  if (maxPayload < MAX_FEED_MESSAGE_BYTES) {
    return `nats-server accepts messages up to ${maxPayload} bytes; events need a max_payload of ${MAX_FEED_MESSAGE_BYTES}`;
  }
  for (const { name, subjects } of streams) {
    for (const subject of subjects) {
      const taken = REQUEST_SUBJECTS.find((requests) => overlap(subject, requests));
      if (taken !== undefined) {
        return `the JetStream stream ${name} takes ${subject}, which overlaps ${taken}: it would answer requests in the service's place; narrow its subjects`;
      }
    }
  }
  return undefined;
}

/** Why the stream can't hold the feed; undefined when it can. */
export function streamRefusal(name: string, { maxMessageBytes, retention, noAck }: StreamState): string | undefined {
  if (maxMessageBytes !== -1 && maxMessageBytes < MAX_FEED_MESSAGE_BYTES) {
    return `the stream ${name} accepts messages up to ${maxMessageBytes} bytes; events need ${MAX_FEED_MESSAGE_BYTES}`;
  }
  if (retention !== 'limits') return `the stream ${name} has the retention ${retention}; it must be limits`;
  if (noAck) return `the stream ${name} sends no acknowledgements (no_ack)`;
  return undefined;
}
