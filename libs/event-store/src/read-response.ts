/**
 * The messages by which the server sends events. The generated code of the client takes half of the time of reading the log,
 * most of it for objects that are used once. Here, an event of the usual form is read in one pass. Any other message is left to
 * the generated code, so that the client sees the same (read-response.spec.ts compares both).
 */
import type { CallOptions, Metadata } from '@grpc/grpc-js';
import { StreamsService, type StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb';

const { path, responseDeserialize } = StreamsService.read;
const requestSerialize = StreamsService.read.requestSerialize as (request: unknown) => Buffer;

/** Lets the reads and subscriptions of a gRPC client decode events here. */
export function decodeEventsOf(client: StreamsClient): void {
  const read = (request: ReadReq, metadata: Metadata, options: CallOptions) =>
    client.makeServerStreamRequest(path, requestSerialize, decodeReadResponse, request, metadata, options);
  client.read = read as StreamsClient['read'];
}

/** A response of the server, with what the client uses of it. */
export function decodeReadResponse(bytes: Buffer): ReadResp {
  try {
    if (bytes[0] === bytesOf(1)) return new Response(eventIn(new Cursor(bytes))) as unknown as ReadResp;
  } catch (error) {
    if (error !== UNUSUAL) throw error;
  }
  return responseDeserialize(bytes);
}

/** Thrown if a message isn't of the usual form. */
const UNUSUAL = new Error('a message of another form');

/** Tags of protobuf: the number of a field, and how its value is written. */
const numberOf = (field: number): number => field << 3;
const bytesOf = (field: number): number => (field << 3) | 2;

/** A place in a message. */
class Cursor {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  tag(): number {
    return this.bytes[this.at++]!;
  }

  /** A whole number that JavaScript has exactly. */
  number(): number {
    let value = 0;
    for (let factor = 1; value <= Number.MAX_SAFE_INTEGER; factor *= 128) {
      const byte = this.bytes[this.at++];
      if (byte === undefined) break;
      value += (byte & 127) * factor;
      if (byte < 128 && value <= Number.MAX_SAFE_INTEGER) return value;
    }
    throw UNUSUAL;
  }

  /** Goes to the begin of a text, of bytes or of an inner message, and returns its end. */
  enter(limit: number): number {
    const end = this.number() + this.at;
    if (end > limit) throw UNUSUAL;
    return end;
  }

  /** Goes to the value of the next field, which is this one, and returns its end. */
  enterField(field: number, limit: number): number {
    if (this.at >= limit || this.tag() !== bytesOf(field)) throw UNUSUAL;
    return this.enter(limit);
  }

  ascii(end: number): string {
    const from = this.at;
    for (let at = from; at < end; at++) if (this.bytes[at]! > 127) throw UNUSUAL;
    this.at = end;
    return this.bytes.toString('latin1', from, end);
  }

  view(end: number): Uint8Array {
    const { buffer, byteOffset } = this.bytes;
    const view = new Uint8Array(buffer, byteOffset + this.at, end - this.at);
    this.at = end;
    return view;
  }
}

/** The response's only field: an event without a link. */
function eventIn(cursor: Cursor): ResolvedEvent {
  const limit = cursor.enterField(1, cursor.bytes.length);
  if (limit !== cursor.bytes.length) throw UNUSUAL;
  const record = recordIn(cursor, cursor.enterField(1, limit));
  if (cursor.at === limit) return new ResolvedEvent(record, undefined);
  const tag = cursor.tag();
  const commit = tag === numberOf(3) ? String(cursor.number()) : undefined;
  if (commit === undefined && (tag !== bytesOf(4) || cursor.tag() !== 0)) throw UNUSUAL;
  if (cursor.at !== limit) throw UNUSUAL;
  return new ResolvedEvent(record, commit);
}

function recordIn(cursor: Cursor, limit: number): Recorded {
  const record = new Recorded();
  while (cursor.at < limit) {
    const tag = cursor.tag();
    if (tag === numberOf(3)) record.revision = cursor.number();
    else if (tag === numberOf(4)) record.prepare = cursor.number();
    else if (tag === numberOf(5)) record.commit = cursor.number();
    else {
      const end = cursor.enter(limit);
      if (tag === bytesOf(1)) record.id = cursor.ascii(whole(cursor.enterField(2, end), end));
      else if (tag === bytesOf(2)) record.name = cursor.view(whole(cursor.enterField(3, end), end));
      else if (tag === bytesOf(6)) readText(record, cursor, end);
      else if (tag === bytesOf(7)) record.metadata = cursor.view(end);
      else if (tag === bytesOf(8)) record.data = cursor.view(end);
      else throw UNUSUAL;
    }
  }
  if (cursor.at !== limit || record.id === undefined || record.name === undefined) throw UNUSUAL;
  return record;
}

/** An inner message has one field. */
function whole(end: number, limit: number): number {
  if (end !== limit) throw UNUSUAL;
  return end;
}

/** A text of the server's about the event, by its name. */
function readText(record: Recorded, cursor: Cursor, limit: number): void {
  const name = cursor.ascii(cursor.enterField(1, limit));
  record.texts.set(name, cursor.ascii(whole(cursor.enterField(2, limit), limit)));
}

const NO_BYTES: Uint8Array = new Uint8Array();

class Response {
  constructor(private readonly event: ResolvedEvent) {}

  hasEvent(): boolean {
    return true;
  }
  getEvent(): ResolvedEvent {
    return this.event;
  }
}

class ResolvedEvent {
  constructor(
    private readonly record: Recorded,
    private readonly commit: string | undefined,
  ) {}

  hasEvent(): boolean {
    return true;
  }
  hasLink(): boolean {
    return false;
  }
  hasCommitPosition(): boolean {
    return this.commit !== undefined;
  }
  getEvent(): Recorded {
    return this.record;
  }
  getCommitPosition(): string {
    return this.commit ?? '0';
  }
}

/** An event. What the client asks of its inner messages, it asks of the event itself. */
class Recorded {
  id: string | undefined;
  name: Uint8Array | undefined;
  revision = 0;
  prepare = 0;
  commit = 0;
  metadata = NO_BYTES;
  data = NO_BYTES;
  readonly texts = new Map<string, string>();

  getMetadataMap(): Map<string, string> {
    return this.texts;
  }
  hasId(): boolean {
    return true;
  }
  getId(): this {
    return this;
  }
  hasStructured(): boolean {
    return false;
  }
  getString(): string | undefined {
    return this.id;
  }
  hasStreamIdentifier(): boolean {
    return true;
  }
  getStreamIdentifier(): this {
    return this;
  }
  getStreamName(): Uint8Array | undefined {
    return this.name;
  }
  getStreamRevision(): string {
    return String(this.revision);
  }
  getPreparePosition(): string {
    return String(this.prepare);
  }
  getCommitPosition(): string {
    return String(this.commit);
  }
  getCustomMetadata_asU8(): Uint8Array {
    return this.metadata;
  }
  getData(): Uint8Array {
    return this.data;
  }
  getData_asU8(): Uint8Array {
    return this.data;
  }
}
