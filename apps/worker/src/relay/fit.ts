import { MAX_FEED_MESSAGE_BYTES, whyItAnswersRequests, type ConfiguredStream } from '@cohort/contracts';
import type { StreamState } from '@cohort/bus';

/** Why events can't be published safely on this server, in a sentence for its operator; undefined when they can. */
export function refusal(maxPayload: number, streams: readonly ConfiguredStream[]): string | undefined {
  if (maxPayload < MAX_FEED_MESSAGE_BYTES) {
    return `nats-server accepts messages up to ${maxPayload} bytes; events need a max_payload of ${MAX_FEED_MESSAGE_BYTES}`;
  }
  for (const stream of streams) {
    const why = whyItAnswersRequests(stream);
    if (why !== undefined) return why;
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
