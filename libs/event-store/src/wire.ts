/**
 * The messages of BatchAppend. Only this file and read-response.ts import the generated service definitions of
 * @eventstore/db-client 6.2.1. The version is pinned (docs/decisions/0008-libraries.md).
 */
import { status } from '@grpc/grpc-js';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import {
  Empty,
  MaximumAppendSizeExceeded,
  StreamIdentifier,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import type { Status } from '@eventstore/db-client/generated/status_pb';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { BatchAppendReq, type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb';
import { AppendTooLarge, StoreRefused, StreamDeleted, type RefusalKind } from './errors';
import type { Json } from './json';
import type { Appended, ExpectedRevision } from './types';

export { StreamsClient, type BatchAppendReq, type BatchAppendResp };

export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly data: Json;
  readonly metadata: Json;
}

export interface AppendCall {
  readonly stream: string;
  readonly events: readonly EncodedEvent[];
  readonly expected: ExpectedRevision;
}

/** The outcome of one attempt to append. `unknown`: it may or may not have been written. */
export type AppendOutcome =
  | ({ readonly type: 'appended' } & Appended)
  | { readonly type: 'wrongRevision'; readonly actual: number | undefined }
  | { readonly type: 'refused'; readonly error: Error }
  | { readonly type: 'unknown'; readonly reason: string };

/**
 * The deadline that the server applies to an append. It is a wall-clock time, and the clocks of both machines may differ.
 * So it is far above this adapter's own timeout.
 */
const SERVER_DEADLINE_MS = 60_000;

export function appendRequest(correlationId: string, { stream, events, expected }: AppendCall): BatchAppendReq {
  const options = new BatchAppendReq.Options();
  options.setStreamIdentifier(new StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8')));
  options.setDeadline(Timestamp.fromDate(new Date(Date.now() + SERVER_DEADLINE_MS)));
  if (expected === 'any') options.setAny(new Empty());
  else if (expected === 'none') options.setNoStream(new Empty());
  else options.setStreamPosition(String(expected));

  return new BatchAppendReq()
    .setCorrelationId(new UUID().setString(correlationId))
    .setOptions(options)
    .setProposedMessagesList(events.map(proposedMessage))
    .setIsFinal(true);
}

function proposedMessage({ id, type, data, metadata }: EncodedEvent): BatchAppendReq.ProposedMessage {
  const message = new BatchAppendReq.ProposedMessage()
    .setId(new UUID().setString(id))
    .setData(data.bytes)
    .setCustomMetadata(metadata.bytes);
  message.getMetadataMap().set('type', type).set('content-type', 'application/json');
  return message;
}

/** Returns the reply's correlation id. The server uses the form of the request, which is a string here. */
export const correlationIdOf = (reply: BatchAppendResp): string => reply.getCorrelationId()?.getString() ?? '';

export function appendOutcome(reply: BatchAppendResp): AppendOutcome {
  const success = reply.getSuccess();
  if (success) {
    const position = success.getPosition()?.getCommitPosition() ?? '0';
    return { type: 'appended', revision: Number(success.getCurrentRevision()), position };
  }
  const error = reply.getError();
  return error
    ? failure(error, streamOf(reply))
    : { type: 'unknown', reason: 'the event store replied with neither success nor error' };
}

const streamOf = (reply: BatchAppendResp): string =>
  Buffer.from(reply.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString('utf8');

function failure(error: Status, stream: string): AppendOutcome {
  const message = `The event store replied "${error.getMessage()}"`;
  const details = error.getDetails();
  const type = details?.getTypeName() ?? '';
  switch (type) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = details?.unpack((bytes) => WrongExpectedVersion.deserializeBinary(bytes), type);
      const actual = wrong?.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : undefined;
      return { type: 'wrongRevision', actual };
    }
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const limit = details?.unpack((bytes) => MaximumAppendSizeExceeded.deserializeBinary(bytes), type);
      return { type: 'refused', error: new AppendTooLarge(NaN, limit?.getMaxappendsize() ?? NaN) };
    }
    // Nothing was written, and a retry would fail again.
    case 'event_store.client.StreamDeleted':
      return { type: 'refused', error: new StreamDeleted(stream) };
    default: {
      const kind = REFUSED_BY_TYPE[type] ?? REFUSED_BY_CODE[error.getCode()];
      return kind === undefined
        ? { type: 'unknown', reason: message }
        : { type: 'refused', error: new StoreRefused(kind, message) };
    }
  }
}

const REFUSED_BY_TYPE: Readonly<Record<string, RefusalKind>> = {
  'event_store.client.AccessDenied': 'denied',
  'event_store.client.BadRequest': 'invalid',
  // The server hasn't handled the request: it isn't ready, it is busy, or it has no leader.
  'google.protobuf.Empty': 'busy',
};

/**
 * The gRPC codes by which a server reports that it didn't carry out a request. After all others (CANCELLED, UNKNOWN,
 * DEADLINE_EXCEEDED, ABORTED, INTERNAL, UNAVAILABLE, DATA_LOSS) the append may have been written.
 */
const REFUSED_BY_CODE: Readonly<Record<number, RefusalKind>> = {
  [status.INVALID_ARGUMENT]: 'invalid',
  [status.PERMISSION_DENIED]: 'denied',
  [status.RESOURCE_EXHAUSTED]: 'full',
  [status.FAILED_PRECONDITION]: 'invalid',
  [status.OUT_OF_RANGE]: 'invalid',
  [status.UNIMPLEMENTED]: 'invalid',
  [status.UNAUTHENTICATED]: 'denied',
};
