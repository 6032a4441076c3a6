/**
 * Converts the protocol's messages to and from the library's own model. Only this file imports the generated service
 * definitions of @eventstore/db-client 6.2.1 (the version is pinned). No other part of the client is used.
 */
import { BinaryWriter } from 'google-protobuf';
import { Any } from 'google-protobuf/google/protobuf/any_pb';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { GossipService } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { ClusterInfo, EndPoint, MemberInfo } from '@eventstore/db-client/generated/gossip_pb';
import { MonitoringService } from '@eventstore/db-client/generated/monitoring_grpc_pb';
import { OperationsService } from '@eventstore/db-client/generated/operations_grpc_pb';
import { PersistentSubscriptionsService } from '@eventstore/db-client/generated/persistent_grpc_pb';
import { ProjectionsService } from '@eventstore/db-client/generated/projections_grpc_pb';
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import { SupportedMethod, SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import * as shared from '@eventstore/db-client/generated/shared_pb';
import { Status } from '@eventstore/db-client/generated/status_pb';
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  AppendReq,
  AppendResp,
  BatchAppendReq,
  BatchAppendResp,
  DeleteReq,
  DeleteResp,
  ReadReq,
  ReadResp,
  TombstoneReq,
  TombstoneResp,
} from '@eventstore/db-client/generated/streams_pb';
import { UsersService } from '@eventstore/db-client/generated/users_grpc_pb';
import type { ServiceDefinition } from '@grpc/grpc-js';
import type { Filter } from './filter';
import {
  TOMBSTONE,
  type Direction,
  type Expected,
  type LogPosition,
  type Outcome,
  type ProposedEvent,
  type RecordedEvent,
} from './model';
import { encodeReadEvent } from './read-event';
import { MAX_APPEND_SIZE, handlerFailed, missingMetadata } from './status';

export type { AppendReq, BatchAppendReq, ClusterInfo, DeleteReq, ReadReq, SupportedMethods, TombstoneReq };
export { GossipService, ServerFeaturesService };

/** An encoded response. */
export type Encoded = Buffer;

const encoded = (message: { serializeBinary(): Uint8Array }): Encoded => Buffer.from(message.serializeBinary());

/** The service Streams, with responses that are encoded already: the most frequent ones have a hand-written encoder. */
export const streamsService: ServiceDefinition = Object.fromEntries(
  Object.entries(StreamsService).map(([name, method]) => [
    name,
    { ...method, responseSerialize: (response: Encoded) => response },
  ]),
);

/** The services that only a real server has, with the beginning of the error message. */
export const unsupportedServices = [
  { service: PersistentSubscriptionsService, what: 'Persistent subscriptions are' },
  { service: ProjectionsService, what: 'Projections are' },
  { service: UsersService, what: 'User management is' },
  { service: OperationsService, what: 'Operations (scavenge, merge, shutdown) are' },
  { service: MonitoringService, what: 'Monitoring is' },
] as const;

/** The reply of ServerFeatures: the supported methods, and the server version whose behaviour is reproduced. */
const FEATURES = [
  { service: 'event_store.client.streams.streams', method: 'read', features: ['position', 'events'] },
  { service: 'event_store.client.streams.streams', method: 'append', features: [] },
  { service: 'event_store.client.streams.streams', method: 'delete', features: [] },
  { service: 'event_store.client.streams.streams', method: 'tombstone', features: [] },
  { service: 'event_store.client.streams.streams', method: 'batchappend', features: ['deadline_duration'] },
  { service: 'event_store.client.gossip.gossip', method: 'read', features: [] },
  { service: 'event_store.client.server_features.serverfeatures', method: 'getsupportedmethods', features: [] },
];
const SERVER_VERSION = '23.10.7';

export const supportedMethods = (): SupportedMethods =>
  new SupportedMethods()
    .setEventStoreServerVersion(SERVER_VERSION)
    .setMethodsList(
      FEATURES.map(({ service, method, features }) =>
        new SupportedMethod().setServiceName(service).setMethodName(method).setFeaturesList(features),
      ),
    );

/** The reply of Gossip: a cluster with one member, the leader. */
export const clusterInfo = (instanceId: string, address: string, port: number): ClusterInfo => {
  const member = new MemberInfo()
    .setInstanceId(toUuid(instanceId, true))
    .setTimeStamp(ticks(Date.now()))
    .setState(MemberInfo.VNodeState.LEADER)
    .setIsAlive(true)
    .setHttpEndPoint(new EndPoint().setAddress(address).setPort(port));
  return new ClusterInfo().setMembersList([member]);
};

/** Units of 100 ns since 1970. */
const ticks = (milliseconds: number): string => `${milliseconds}0000`;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const fromUuid = (uuid: shared.UUID | undefined): string => {
  const id = uuid?.hasStructured() ? fromStructured(uuid.getStructured()) : uuid?.getString().toLowerCase();
  if (id === undefined || !UUID.test(id)) throw handlerFailed();
  return id;
};

const fromStructured = (uuid: shared.UUID.Structured | undefined): string => {
  const half = (bits = '0') => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
  const hex = half(uuid?.getMostSignificantBits()) + half(uuid?.getLeastSignificantBits());
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
};

const toUuid = (id: string, structured: boolean): shared.UUID => {
  if (!structured) return new shared.UUID().setString(id);
  const hex = id.replaceAll('-', '');
  const half = (digits: string) => BigInt.asIntN(64, BigInt(`0x${digits}`)).toString();
  return new shared.UUID().setStructured(
    new shared.UUID.Structured()
      .setMostSignificantBits(half(hex.slice(0, 16)))
      .setLeastSignificantBits(half(hex.slice(16))),
  );
};

const streamNameOf = (identifier: shared.StreamIdentifier | undefined): string => {
  const name = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
  // A name isn't empty, and SQLite ends a text at NUL.
  if (name === '' || name.includes('\0')) throw handlerFailed();
  return name;
};

const identifierOf = (stream: string): shared.StreamIdentifier =>
  new shared.StreamIdentifier().setStreamName(Buffer.from(stream, 'utf8'));

// Writes

/** Reads the options of Append, Delete and Tombstone. */
export const fromWriteOptions = (
  options: AppendReq.Options | DeleteReq.Options | TombstoneReq.Options | undefined,
): { stream: string; expected: Expected } => {
  if (!options) throw handlerFailed();
  const stream = streamNameOf(options.getStreamIdentifier());
  if (options.hasRevision()) return { stream, expected: { kind: 'revision', revision: BigInt(options.getRevision()) } };
  if (options.hasNoStream()) return { stream, expected: { kind: 'noStream' } };
  if (options.hasStreamExists()) return { stream, expected: { kind: 'streamExists' } };
  if (options.hasAny()) return { stream, expected: { kind: 'any' } };
  throw handlerFailed();
};

export const fromProposed = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): ProposedEvent => {
  const properties = message.getMetadataMap();
  const type = properties.get('type');
  const contentType = properties.get('content-type');
  if (type === undefined || contentType === undefined) throw missingMetadata();
  if (type.includes('\0')) throw handlerFailed();
  return {
    id: fromUuid(message.getId()),
    type,
    json: contentType === JSON_CONTENT,
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
};

/** Bytes that an event counts towards the size of its append. */
export const appendSize = ({ type, data, metadata }: ProposedEvent): number =>
  2 * type.length + data.length + metadata.length;

const JSON_CONTENT = 'application/json';
const BINARY_CONTENT = 'application/octet-stream';

export const toAppended = (outcome: Outcome & { kind: 'success' }): Encoded => {
  const position = new AppendResp.Position()
    .setCommitPosition(String(outcome.position))
    .setPreparePosition(String(outcome.position));
  const success = new AppendResp.Success().setPosition(position);
  if (outcome.revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  return encoded(new AppendResp().setSuccess(success));
};

/** Fills both generations of fields, for old and new clients. */
export const toWrongExpectedVersion = (expected: Expected, current: number): Encoded => {
  const wrong = new AppendResp.WrongExpectedVersion();
  if (current < 0) wrong.setCurrentNoStream(new shared.Empty()).setNoStream2060(new shared.Empty());
  else wrong.setCurrentRevision(String(current)).setCurrentRevision2060(current);
  switch (expected.kind) {
    case 'any':
      wrong.setExpectedAny(new shared.Empty()).setAny2060(new shared.Empty());
      break;
    case 'streamExists':
      wrong.setExpectedStreamExists(new shared.Empty()).setStreamExists2060(new shared.Empty());
      break;
    case 'noStream':
      return withOldExpectation(wrong.setExpectedNoStream(new shared.Empty()), -1n);
    case 'revision':
      return withOldExpectation(wrong.setExpectedRevision(expected.revision.toString()), expected.revision);
  }
  return encoded(new AppendResp().setWrongExpectedVersion(wrong));
};

/** Adds expected_revision_20_6_0. Its generated setter can't encode -1 as the unsigned 64-bit number of the protocol. */
const withOldExpectation = (wrong: AppendResp.WrongExpectedVersion, revision: bigint): Encoded => {
  const writer = new BinaryWriter();
  writer.writeUint64String(3, BigInt.asUintN(64, revision).toString());
  const content = Buffer.concat([wrong.serializeBinary(), writer.getResultBuffer()]);
  const response = new BinaryWriter();
  response.writeBytes(2, content);
  return Buffer.from(response.getResultBuffer());
};

export const toDeleted = (position: number): Encoded =>
  encoded(
    new DeleteResp().setPosition(
      new DeleteResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position)),
    ),
  );

export const toTombstoned = (position: number): Encoded =>
  encoded(
    new TombstoneResp().setPosition(
      new TombstoneResp.Position().setCommitPosition(String(position)).setPreparePosition(String(position)),
    ),
  );

// Batch append

/** One part of a batch append. Only the first has options; the last is final. */
export interface BatchPart {
  correlationId: shared.UUID;
  options?: BatchAppendReq.Options;
  messages: readonly BatchAppendReq.ProposedMessage[];
  isFinal: boolean;
}

export const fromBatchPart = (request: BatchAppendReq): { key: string; part: BatchPart } => {
  const correlationId = request.getCorrelationId();
  return {
    key: fromUuid(correlationId),
    part: {
      // The reply has the id in the same form.
      correlationId: correlationId ?? new shared.UUID(),
      options: request.getOptions(),
      messages: request.getProposedMessagesList(),
      isFinal: request.getIsFinal(),
    },
  };
};

export interface BatchOptions {
  stream: string;
  /** Undefined if the caller gave none, which is rejected. */
  expected: Expected | undefined;
  /** Milliseconds since 1970. */
  deadline: number | undefined;
}

export const fromBatchOptions = (options: BatchAppendReq.Options): BatchOptions => ({
  stream: streamNameOf(options.getStreamIdentifier()),
  expected: fromBatchExpected(options),
  deadline: options.getDeadline()?.toDate().getTime(),
});

const fromBatchExpected = (options: BatchAppendReq.Options): Expected | undefined => {
  if (options.hasStreamPosition()) return { kind: 'revision', revision: BigInt(options.getStreamPosition()) };
  if (options.hasNoStream()) return { kind: 'noStream' };
  if (options.hasStreamExists()) return { kind: 'streamExists' };
  return options.hasAny() ? { kind: 'any' } : undefined;
};

export const toBatchAppended = (
  correlationId: shared.UUID,
  stream: string,
  outcome: Outcome & { kind: 'success' },
): Encoded => {
  const position = new shared.AllStreamPosition()
    .setCommitPosition(String(outcome.position))
    .setPreparePosition(String(outcome.position));
  const success = new BatchAppendResp.Success().setPosition(position);
  if (outcome.revision < 0) success.setNoStream(new GoogleEmpty());
  else success.setCurrentRevision(String(outcome.revision));
  return encoded(batchResponse(correlationId, stream).setSuccess(success));
};

/** Encodes the rejection of a batch append as google.rpc.Status, with the details that the client reads. */
export type BatchRefusal =
  | { kind: 'wrongExpectedVersion'; expected: Expected; current: number }
  | { kind: 'streamDeleted' }
  | { kind: 'timeout' }
  | { kind: 'accessDenied' }
  | { kind: 'tooLarge' }
  | { kind: 'badRequest'; message: string };

export const toBatchRefused = (correlationId: shared.UUID, stream: string, refusal: BatchRefusal): Encoded => {
  const [code, type, details] = refusalDetails(stream, refusal);
  return toBatchError(correlationId, stream, code, type, type, details);
};

/** Encodes the failure of a batch append without details. */
export const toBatchFailed = (correlationId: shared.UUID, stream: string, code: number, message: string): Encoded =>
  toBatchError(correlationId, stream, code, message, 'Unknown', new shared.Unknown());

const toBatchError = (
  correlationId: shared.UUID,
  stream: string,
  code: number,
  message: string,
  type: string,
  details: { serializeBinary(): Uint8Array },
): Encoded => {
  const any = new Any();
  any.pack(details.serializeBinary(), `event_store.client.${type}`);
  const error = new Status().setCode(code).setMessage(message).setDetails(any);
  return encoded(batchResponse(correlationId, stream).setError(error));
};

const batchResponse = (correlationId: shared.UUID, stream: string): BatchAppendResp =>
  new BatchAppendResp().setCorrelationId(correlationId).setStreamIdentifier(identifierOf(stream));

const refusalDetails = (
  stream: string,
  refusal: BatchRefusal,
): [code: number, type: string, details: { serializeBinary(): Uint8Array }] => {
  switch (refusal.kind) {
    case 'wrongExpectedVersion':
      return [6, 'WrongExpectedVersion', wrongExpectedVersionDetails(refusal.expected, refusal.current)];
    case 'streamDeleted':
      return [5, 'StreamDeleted', new shared.StreamDeleted().setStreamIdentifier(identifierOf(stream))];
    case 'timeout':
      return [4, 'Timeout', new shared.Timeout()];
    case 'accessDenied':
      return [7, 'AccessDenied', new shared.AccessDenied()];
    case 'tooLarge':
      return [3, 'MaximumAppendSizeExceeded', new shared.MaximumAppendSizeExceeded().setMaxappendsize(MAX_APPEND_SIZE)];
    case 'badRequest':
      return [3, 'BadRequest', new shared.BadRequest().setMessage(refusal.message)];
  }
};

const wrongExpectedVersionDetails = (expected: Expected, current: number): shared.WrongExpectedVersion => {
  const details = new shared.WrongExpectedVersion();
  if (current < 0) details.setCurrentNoStream(new GoogleEmpty());
  else details.setCurrentStreamRevision(String(current));
  switch (expected.kind) {
    case 'any':
      return details.setExpectedAny(new GoogleEmpty());
    case 'streamExists':
      return details.setExpectedStreamExists(new GoogleEmpty());
    case 'noStream':
      return details.setExpectedNoStream(new GoogleEmpty());
    case 'revision':
      return details.setExpectedStreamPosition(expected.revision.toString());
  }
};

// Reads

export type StreamFrom = number | 'start' | 'end';
export type LogFrom = LogPosition | 'start' | 'end';

export interface ReadOptions {
  source: { kind: 'stream'; stream: string; from: StreamFrom } | { kind: 'all'; from: LogFrom; filter?: Filter };
  direction: Direction;
  /** The largest number of events, or a subscription without an end. */
  extent: { kind: 'count'; count: number } | { kind: 'subscription' };
  structuredIds: boolean;
  /** Whether to send a stream's last position. Only newer clients request it. */
  tellLastPosition: boolean;
}

export const fromReadRequest = (request: ReadReq): ReadOptions => {
  const options = request.getOptions();
  if (!options) throw handlerFailed();
  return {
    source: fromSource(options),
    direction: options.getReadDirection() === ReadReq.Options.ReadDirection.BACKWARDS ? 'backwards' : 'forwards',
    extent: options.hasSubscription()
      ? { kind: 'subscription' }
      : { kind: 'count', count: atMost(Number.MAX_SAFE_INTEGER, options.getCount()) },
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    tellLastPosition: (options.getControlOption()?.getCompatibility() ?? 0) >= 1,
  };
};

const fromSource = (options: ReadReq.Options): ReadOptions['source'] => {
  const stream = options.getStream();
  if (stream) {
    const from = stream.hasStart() ? 'start' : stream.hasEnd() ? 'end' : atMost(TOMBSTONE, stream.getRevision());
    return { kind: 'stream', stream: streamNameOf(stream.getStreamIdentifier()), from };
  }
  const all = options.getAll();
  if (!all) throw handlerFailed();
  const filter = options.getFilter();
  const position = all.getPosition();
  const from = position ? fromPosition(position) : all.hasEnd() ? 'end' : 'start';
  return { kind: 'all', from, filter: filter && fromFilter(filter) };
};

const fromPosition = (position: ReadReq.Options.Position): LogPosition => {
  const commit = BigInt(position.getCommitPosition());
  const prepare = BigInt(position.getPreparePosition());
  if (commit < prepare) throw handlerFailed();
  return {
    commit: atMost(Number.MAX_SAFE_INTEGER, commit),
    prepare: atMost(Number.MAX_SAFE_INTEGER, prepare),
  };
};

const atMost = (limit: number, value: string | bigint): number => Math.min(limit, Number(value));

/** The window that a real server uses for `count`. */
const DEFAULT_WINDOW = 32;

const fromFilter = (options: ReadReq.Options.FilterOptions): Filter => {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  const window = options.hasMax() ? options.getMax() : DEFAULT_WINDOW;
  const multiplier = options.getCheckpointintervalmultiplier();
  if (!expression || window === 0 || multiplier === 0) throw handlerFailed();
  return {
    on: byStream ? 'stream' : 'type',
    prefixes: expression.getPrefixList(),
    regex: toRegExp(expression.getRegex()),
    window,
    checkpointInterval: window * multiplier,
  };
};

const toRegExp = (source: string): RegExp => {
  try {
    return new RegExp(source);
  } catch {
    throw handlerFailed();
  }
};

/** The largest 64-bit integer: the revision of a tombstone. */
const TOMBSTONE_REVISION = '9223372036854775807';

export const toReadEvent = (event: RecordedEvent, structuredId: boolean): Encoded =>
  structuredId || event.revision === TOMBSTONE ? generateReadEvent(event, structuredId) : encodeReadEvent(event);

/** Encodes any event by the generated classes, like `encodeReadEvent`. */
export const generateReadEvent = (event: RecordedEvent, structuredId: boolean): Encoded => {
  const position = String(event.position);
  const recorded = new ReadResp.ReadEvent.RecordedEvent()
    .setId(toUuid(event.id, structuredId))
    .setStreamIdentifier(identifierOf(event.stream))
    .setStreamRevision(event.revision === TOMBSTONE ? TOMBSTONE_REVISION : String(event.revision))
    .setPreparePosition(position)
    .setCommitPosition(position)
    .setCustomMetadata(event.metadata)
    .setData(event.data);
  recorded
    .getMetadataMap()
    .set('type', event.type)
    .set('created', ticks(event.created))
    .set('content-type', event.json ? JSON_CONTENT : BINARY_CONTENT);
  return encoded(new ReadResp().setEvent(new ReadResp.ReadEvent().setEvent(recorded).setCommitPosition(position)));
};

export const toConfirmation = (subscriptionId: string): Encoded =>
  encoded(new ReadResp().setConfirmation(new ReadResp.SubscriptionConfirmation().setSubscriptionId(subscriptionId)));

export const toCaughtUp = (): Encoded => encoded(new ReadResp().setCaughtUp(new ReadResp.CaughtUp()));

export const toCheckpoint = ({ commit, prepare }: LogPosition): Encoded =>
  encoded(
    new ReadResp().setCheckpoint(
      new ReadResp.Checkpoint().setCommitPosition(String(commit)).setPreparePosition(String(prepare)),
    ),
  );

export const toStreamNotFound = (stream: string): Encoded =>
  encoded(new ReadResp().setStreamNotFound(new ReadResp.StreamNotFound().setStreamIdentifier(identifierOf(stream))));

export const toLastStreamPosition = (revision: number): Encoded =>
  encoded(new ReadResp().setLastStreamPosition(String(revision)));
