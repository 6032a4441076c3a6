import { eventId } from '@cohort/contracts';
import { encodeJson, EVENT_OVERHEAD_BYTES, jsonText, type Json, type NewEvent } from '@cohort/event-store';
import { eventMetadata } from '../event-metadata';
import type { Noted, StreamCommand, StreamRules, StreamTypes } from './stream-kind';

/** An event of a batch whose size isn't known yet. */
export interface DraftEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Json;
  /** The metadata's JSON up to what the batch's size decides. */
  readonly metadata: string;
}

/** The events of one command; `noted` goes into the metadata of the last. */
export function draftEvents<T extends StreamTypes>(
  stream: string,
  command: StreamCommand,
  events: readonly T['event'][],
  versions: StreamRules<T>['events'],
  at: number,
  noted: Noted,
): DraftEvent[] {
  return events.map(({ type, data }, index) => {
    const { version: schemaVersion } = versions[type as T['event']['type']];
    const metadata = {
      ...eventMetadata(command, { at, schemaVersion }),
      ...(index === events.length - 1 ? noted : {}),
    };
    return {
      id: eventId({ stream, index, ...metadata }),
      type,
      data: encodeJson(data),
      metadata: JSON.stringify(metadata).slice(0, -1),
    };
  });
}

/** At most what the draft will count in an append: `batch` takes up to 40 bytes more. */
export const draftBytes = ({ type, data, metadata }: DraftEvent): number =>
  data.bytes.length + Buffer.byteLength(metadata) + 40 + 2 * type.length + EVENT_OVERHEAD_BYTES;

/** The drafts of a whole batch as events. */
export const batchOf = (drafts: readonly DraftEvent[]): NewEvent[] =>
  drafts.map(({ id, type, data, metadata }, index) => ({
    id,
    type,
    data,
    metadata: jsonText(`${metadata},"batch":{"index":${index},"size":${drafts.length}}}`),
  }));
