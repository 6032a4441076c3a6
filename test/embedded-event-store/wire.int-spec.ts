import { randomUUID } from 'node:crypto';
import { startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { EventStoreDBClient } from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb';
import type { ClusterInfo } from '@eventstore/db-client/generated/gossip_pb';
import { PersistentSubscriptionsClient } from '@eventstore/db-client/generated/persistent_grpc_pb';
import { CreateReq, ReadReq as PersistentReadReq } from '@eventstore/db-client/generated/persistent_pb';
import { ServerFeaturesClient } from '@eventstore/db-client/generated/serverfeatures_grpc_pb';
import type { SupportedMethods } from '@eventstore/db-client/generated/serverfeatures_pb';
import {
  BadRequest,
  Empty,
  MaximumAppendSizeExceeded,
  StreamDeleted,
  Timeout,
  UUID,
  WrongExpectedVersion,
} from '@eventstore/db-client/generated/shared_pb';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import {
  AppendReq,
  BatchAppendReq,
  DeleteReq,
  ReadReq,
  TombstoneReq,
} from '@eventstore/db-client/generated/streams_pb';
import { credentials, status } from '@grpc/grpc-js';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { Timestamp } from 'google-protobuf/google/protobuf/timestamp_pb';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';
import {
  RawBatches,
  collect,
  connect,
  failure,
  identifier,
  onTheWire,
  proposed,
  rawAppend,
  rawClient,
  rawDelete,
  rawRead,
  readAllOptions,
  readStreamOptions,
  someEvents,
  subscribing,
  uuid,
} from './support';

requires('embedded event store');

let store: EmbeddedEventStore;
let client: EventStoreDBClient;
let raw: StreamsClient;

beforeAll(async () => {
  store = await startEmbeddedEventStore({ memory: true });
  client = connect(store.connectionString);
  raw = rawClient(store.port);
});
afterAll(async () => {
  raw.close();
  await client.dispose();
  await store.stop();
});

let streams = 0;
const aStream = () => `wire-${++streams}`;

const appendTo = (stream: string) => new AppendReq.Options().setStreamIdentifier(identifier(stream));
const options = (of: AppendReq.Options) => new AppendReq().setOptions(of);
const message = (n = 0): AppendReq => {
  const event = new AppendReq.ProposedMessage().setId(uuid()).setData(Buffer.from(`{"n":${n}}`));
  event.getMetadataMap().set('type', 'happened').set('content-type', 'application/json');
  return new AppendReq().setProposedMessage(event);
};
const wireFailure = async (work: Promise<unknown>) => onTheWire(await failure(work));

describe('ServerFeatures', () => {
  it('lists the supported methods only, in lower case', async () => {
    const features = new ServerFeaturesClient(`127.0.0.1:${store.port}`, credentials.createInsecure());
    const methods = await new Promise<SupportedMethods>((resolve, reject) =>
      features.getSupportedMethods(new Empty(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    features.close();
    expect(methods.getEventStoreServerVersion()).toBe('23.10.7');
    expect(methods.getMethodsList().map((m) => [m.getServiceName(), m.getMethodName(), m.getFeaturesList()])).toEqual([
      ['event_store.client.streams.streams', 'read', ['position', 'events']],
      ['event_store.client.streams.streams', 'append', []],
      ['event_store.client.streams.streams', 'delete', []],
      ['event_store.client.streams.streams', 'tombstone', []],
      ['event_store.client.streams.streams', 'batchappend', ['deadline_duration']],
      ['event_store.client.gossip.gossip', 'read', []],
      ['event_store.client.server_features.serverfeatures', 'getsupportedmethods', []],
    ]);
  });
});

describe('Gossip', () => {
  it('has one member, the leader', async () => {
    const gossip = new GossipClient(`127.0.0.1:${store.port}`, credentials.createInsecure());
    const cluster = await new Promise<ClusterInfo>((resolve, reject) =>
      gossip.read(new Empty(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    gossip.close();
    const [member, ...others] = cluster.getMembersList();
    expect(others).toEqual([]);
    expect(member?.toObject()).toMatchObject({
      state: 8,
      isAlive: true,
      httpEndPoint: { address: '127.0.0.1', port: store.port },
    });
    expect(member?.getInstanceId()?.hasStructured()).toBe(true);
    expect(member?.getTimeStamp()).toMatch(/^\d{17}$/);
  });

  it('makes a discovering client find this server', async () => {
    const discovering = EventStoreDBClient.connectionString`esdb+discover://127.0.0.1:${store.port}?tls=false`;
    const stream = aStream();
    await client.appendToStream(stream, someEvents(1));
    expect(await collect(discovering.readStream(stream))).toHaveLength(1);
    await discovering.dispose();
  });
});

describe('an unsupported service', () => {
  it('is answered UNIMPLEMENTED with an explanation', async () => {
    const persistent = new PersistentSubscriptionsClient(`127.0.0.1:${store.port}`, credentials.createInsecure());
    const unary = await failure(
      new Promise((resolve, reject) =>
        persistent.create(new CreateReq(), (error, response) => (error ? reject(error) : resolve(response))),
      ),
    );
    const streaming = await failure(
      new Promise((_, reject) => {
        const call = persistent.read();
        call.on('error', reject).on('data', () => undefined);
        call.write(new PersistentReadReq());
      }),
    );
    persistent.close();
    for (const error of [unary, streaming])
      expect(onTheWire(error)).toEqual({
        code: status.UNIMPLEMENTED,
        details: 'Persistent subscriptions are not supported by the embedded event store.',
        trailers: {},
      });
    expect(await failure(client.getProjectionStatus('p'))).toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

describe('Append', () => {
  it('answers a wrong expected version in its body, in both generations of fields', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(3));
    const wrong = async (of: AppendReq.Options) =>
      (await rawAppend(raw, [options(of), message()])).getWrongExpectedVersion()?.toObject();
    expect(await wrong(appendTo(stream).setRevision('1'))).toMatchObject({
      currentRevision: '2',
      currentRevision2060: 2,
      expectedRevision: '1',
      expectedRevision2060: 1,
    });
    expect(await wrong(appendTo(stream).setNoStream(new Empty()))).toMatchObject({
      currentRevision: '2',
      expectedNoStream: {},
      expectedRevision2060: 2 ** 64,
    });
    expect(await wrong(appendTo(aStream()).setStreamExists(new Empty()))).toMatchObject({
      currentNoStream: {},
      noStream2060: {},
      expectedStreamExists: {},
      streamExists2060: {},
    });
  });

  it('answers a tombstoned stream in its trailers', async () => {
    const stream = aStream();
    await client.tombstoneStream(stream);
    expect(await wireFailure(rawAppend(raw, [options(appendTo(stream).setAny(new Empty())), message()]))).toEqual({
      code: status.FAILED_PRECONDITION,
      details: `Event stream '${stream}' is deleted.`,
      trailers: { exception: 'stream-deleted', 'stream-name': stream },
    });
  });

  it('answers a too large append in its trailers', async () => {
    const large = message();
    large.getProposedMessage()?.setData(Buffer.alloc(1_048_577));
    const error = await wireFailure(rawAppend(raw, [options(appendTo(aStream()).setAny(new Empty())), large]));
    expect(error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      trailers: { exception: 'maximum-append-size-exceeded', 'maximum-append-size': '1048576' },
    });
  });

  it.each(['type', 'content-type'])('answers a missing %s in its trailers', async (property) => {
    const request = message();
    request.getProposedMessage()?.getMetadataMap().del(property);
    const error = await wireFailure(rawAppend(raw, [options(appendTo(aStream()).setAny(new Empty())), request]));
    expect(error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      trailers: {
        exception: 'missing-required-metadata-property',
        'required-metadata-properties': 'type,content-type',
      },
    });
  });

  it('fails like a real server on an empty stream name and on an invalid id', async () => {
    const choked = { code: status.UNKNOWN, details: 'Exception was thrown by handler.', trailers: {} };
    expect(await wireFailure(rawAppend(raw, [options(appendTo('').setAny(new Empty())), message()]))).toEqual(choked);
    const request = message();
    request.getProposedMessage()?.setId(uuid('not-an-id'));
    expect(await wireFailure(rawAppend(raw, [options(appendTo(aStream()).setAny(new Empty())), request]))).toEqual(
      choked,
    );
    expect(await wireFailure(rawAppend(raw, [message()]))).toEqual(choked);
  });

  it('stores invalid JSON unchanged, and distinguishes two content types', async () => {
    const stream = aStream();
    const broken = message();
    broken.getProposedMessage()?.setData(Buffer.from('{"half'));
    const odd = message();
    odd.getProposedMessage()?.getMetadataMap().set('content-type', 'text/plain');
    await rawAppend(raw, [options(appendTo(stream).setAny(new Empty())), broken, odd]);
    const [first, second] = await rawRead(raw, readStreamOptions(stream));
    const recorded = first?.getEvent()?.getEvent();
    expect(Buffer.from(recorded?.getData_asU8() ?? []).toString()).toBe('{"half');
    expect(recorded?.getMetadataMap().get('content-type')).toBe('application/json');
    const other = second?.getEvent()?.getEvent()?.getMetadataMap();
    expect(other?.get('content-type')).toBe('application/octet-stream');
    expect(other?.get('created')).toMatch(/^\d{17}$/);
    expect(other?.get('type')).toBe('happened');
  });

  it('accepts ids in either form, and returns them in the requested form', async () => {
    const stream = aStream();
    const id = 'f0e1d2c3-b4a5-4687-8978-695a4b3c2d1e';
    const structured = new UUID.Structured()
      .setMostSignificantBits(BigInt.asIntN(64, 0xf0e1d2c3b4a54687n).toString())
      .setLeastSignificantBits(BigInt.asIntN(64, 0x8978695a4b3c2d1en).toString());
    const request = message();
    request.getProposedMessage()?.setId(new UUID().setStructured(structured));
    await rawAppend(raw, [options(appendTo(stream).setNoStream(new Empty())), request]);
    const asText = await rawRead(raw, readStreamOptions(stream));
    expect(asText[0]?.getEvent()?.getEvent()?.getId()?.getString()).toBe(id);
    const asBits = await rawRead(
      raw,
      readStreamOptions(stream).setUuidOption(new ReadReq.Options.UUIDOption().setStructured(new Empty())),
    );
    expect(asBits[0]?.getEvent()?.getEvent()?.getId()?.getStructured()?.toObject()).toEqual(structured.toObject());
    // The same id in the other form is the same event.
    request.getProposedMessage()?.setId(uuid(id.toUpperCase()));
    const again = await rawAppend(raw, [options(appendTo(stream).setNoStream(new Empty())), request]);
    expect(again.getSuccess()?.getCurrentRevision()).toBe('0');
  });
});

describe('BatchAppend', () => {
  const batchOf = (stream: string) => new BatchAppendReq.Options().setStreamIdentifier(identifier(stream));
  const request = (of?: BatchAppendReq.Options, correlationId = uuid()) =>
    new BatchAppendReq().setCorrelationId(correlationId).setOptions(of).setIsFinal(true);

  let batches: RawBatches;
  beforeEach(() => (batches = new RawBatches(raw)));
  afterEach(() => batches.call.cancel());

  const ask = (of: BatchAppendReq) => {
    batches.call.write(of);
    return batches.reply();
  };

  it('answers with the correlation id in its form and with the stream, without the expected revision', async () => {
    const stream = aStream();
    const correlationId = new UUID().setStructured(
      new UUID.Structured().setMostSignificantBits('12345678901234567').setLeastSignificantBits('-5'),
    );
    const reply = await ask(
      request(batchOf(stream).setStreamPosition('0'), correlationId).setProposedMessagesList([proposed()]),
    );
    expect(reply.getCorrelationId()?.toObject()).toEqual(correlationId.toObject());
    const ok = await ask(request(batchOf(stream).setNoStream(new GoogleEmpty())).setProposedMessagesList([proposed()]));
    expect(Buffer.from(ok.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
    expect(ok.getExpectedStreamPositionCase()).toBe(0);
    expect(ok.getSuccess()?.getCurrentRevision()).toBe('0');
    const position = ok.getSuccess()?.getPosition();
    expect(position?.getCommitPosition()).toBe(position?.getPreparePosition());
  });

  it('answers once, after the final part', async () => {
    const stream = aStream();
    const correlationId = uuid();
    batches.call.write(
      request(batchOf(stream).setAny(new GoogleEmpty()), correlationId)
        .setProposedMessagesList([proposed(0), proposed(1)])
        .setIsFinal(false),
    );
    batches.call.write(
      request(undefined, correlationId)
        .setProposedMessagesList([proposed(2)])
        .setIsFinal(false),
    );
    const other = await ask(
      request(batchOf(aStream()).setAny(new GoogleEmpty())).setProposedMessagesList([proposed()]),
    );
    expect(other.hasSuccess()).toBe(true);
    const reply = await ask(request(undefined, correlationId).setProposedMessagesList([proposed(3)]));
    expect(reply.getCorrelationId()?.getString()).toBe(correlationId.getString());
    expect(reply.getSuccess()?.getCurrentRevision()).toBe('3');
    expect(await collect(client.readStream(stream))).toHaveLength(4);
  });

  it('ignores a part of an unknown batch', async () => {
    batches.call.write(request(undefined).setProposedMessagesList([proposed()]));
    const next = uuid();
    const reply = await ask(request(batchOf(aStream()).setAny(new GoogleEmpty()), next));
    expect(reply.getCorrelationId()?.getString()).toBe(next.getString());
    expect(batches.unread).toBe(0);
  });

  it('answers an append without events with no stream and a position', async () => {
    const { noStream, position } = (await ask(request(batchOf(aStream()).setAny(new GoogleEmpty()))))
      .getSuccess()!
      .toObject();
    expect(noStream).toEqual({});
    expect(position).toBeDefined();
  });

  it('answers a wrong expected version', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(2));
    const wrong = async (of: BatchAppendReq.Options) => {
      const error = (await ask(request(of).setProposedMessagesList([proposed()]))).getError()!;
      const type = 'event_store.client.WrongExpectedVersion';
      return {
        code: error.getCode(),
        message: error.getMessage(),
        details: error
          .getDetails()
          ?.unpack((bytes) => WrongExpectedVersion.deserializeBinary(bytes), type)
          ?.toObject(),
      };
    };
    expect(await wrong(batchOf(stream).setStreamPosition('0'))).toMatchObject({
      code: 6,
      message: 'WrongExpectedVersion',
      details: { currentStreamRevision: '1', expectedStreamPosition: '0' },
    });
    expect((await wrong(batchOf(stream).setNoStream(new GoogleEmpty()))).details).toMatchObject({
      expectedNoStream: {},
    });
    expect((await wrong(batchOf(aStream()).setStreamExists(new GoogleEmpty()))).details).toMatchObject({
      currentNoStream: {},
      expectedStreamExists: {},
    });
  });

  it('answers a tombstoned stream', async () => {
    const stream = aStream();
    await client.tombstoneStream(stream);
    const error = (
      await ask(request(batchOf(stream).setAny(new GoogleEmpty())).setProposedMessagesList([proposed()]))
    ).getError();
    expect([error?.getCode(), error?.getMessage()]).toEqual([5, 'StreamDeleted']);
    const details = error
      ?.getDetails()
      ?.unpack((bytes) => StreamDeleted.deserializeBinary(bytes), 'event_store.client.StreamDeleted');
    expect(Buffer.from(details?.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()).toBe(stream);
  });

  it('answers a too large batch immediately, and ignores its other parts', async () => {
    const correlationId = uuid();
    const stream = aStream();
    const large = () => proposed().setData(Buffer.alloc(600_000));
    const part = (of?: BatchAppendReq.Options) =>
      request(of, correlationId).setProposedMessagesList([large()]).setIsFinal(false);
    batches.call.write(part(batchOf(stream).setAny(new GoogleEmpty())));
    const error = (await ask(part())).getError();
    expect([error?.getCode(), error?.getMessage()]).toEqual([3, 'MaximumAppendSizeExceeded']);
    const details = error
      ?.getDetails()
      ?.unpack(
        (bytes) => MaximumAppendSizeExceeded.deserializeBinary(bytes),
        'event_store.client.MaximumAppendSizeExceeded',
      );
    expect(details?.getMaxappendsize()).toBe(1_048_576);
    batches.call.write(request(undefined, correlationId));
    const next = await ask(request(batchOf(aStream()).setAny(new GoogleEmpty())));
    expect(next.hasSuccess()).toBe(true);
    expect(batches.unread).toBe(0);
  });

  it('answers a deadline that has passed, and one that passes before the last part', async () => {
    const deadline = (ms: number) => Timestamp.fromDate(new Date(Date.now() + ms));
    const late = batchOf(aStream()).setAny(new GoogleEmpty());
    const past = (
      await ask(request(late.setDeadline(deadline(-1000))).setProposedMessagesList([proposed()]))
    ).getError();
    expect([past?.getCode(), past?.getMessage()]).toEqual([4, 'Timeout']);
    expect(past?.getDetails()?.unpack((b) => Timeout.deserializeBinary(b), 'event_store.client.Timeout')).toBeDefined();
    const slow = (await ask(request(late.setDeadline(deadline(50))).setIsFinal(false))).getError();
    expect([slow?.getCode(), slow?.getMessage()]).toEqual([4, 'Timeout']);
  });

  it('answers a missing expected revision and a missing type', async () => {
    for (const bad of [
      request(batchOf(aStream())).setProposedMessagesList([proposed()]),
      request(batchOf(aStream()).setAny(new GoogleEmpty())).setProposedMessagesList([typeless()]),
    ]) {
      const error = (await ask(bad)).getError();
      expect([error?.getCode(), error?.getMessage()]).toEqual([3, 'BadRequest']);
      const details = error
        ?.getDetails()
        ?.unpack((b) => BadRequest.deserializeBinary(b), 'event_store.client.BadRequest');
      expect(details?.getMessage()).toMatch(/required/i);
    }
  });

  const typeless = () => {
    const event = proposed();
    event.getMetadataMap().del('type');
    return event;
  };

  it('stays open when the caller half-closes, and sends the pending replies', async () => {
    const correlationId = uuid();
    batches.call.write(
      request(batchOf(aStream()).setAny(new GoogleEmpty()), correlationId).setProposedMessagesList([proposed()]),
    );
    batches.call.end();
    expect((await batches.reply()).getCorrelationId()?.getString()).toBe(correlationId.getString());
    // A round trip of another call is long enough to observe an end.
    await collect(client.readAll({ maxCount: 1 }));
    expect([batches.ended, batches.error]).toEqual([false, undefined]);
  });

  it('interleaves a thousand appends on one call', async () => {
    const ids = Array.from({ length: 1000 }, () => randomUUID());
    for (const id of ids)
      batches.call.write(
        request(batchOf(aStream()).setAny(new GoogleEmpty()), uuid(id)).setProposedMessagesList([proposed()]),
      );
    const replies = [];
    for (const _ of ids) replies.push(await batches.reply());
    expect(new Set(replies.map((reply) => reply.getCorrelationId()?.getString()))).toEqual(new Set(ids));
    expect(replies.every((reply) => reply.hasSuccess())).toBe(true);
  });
});

describe('Delete and Tombstone', () => {
  const deleting = (stream: string) => new DeleteReq.Options().setStreamIdentifier(identifier(stream));

  it('answer a wrong expected version in their trailers, as numbers', async () => {
    const stream = aStream();
    const trailers = async (of: DeleteReq.Options) => wireFailure(rawDelete(raw, new DeleteReq().setOptions(of)));
    const expecting = (expected: string, actual: string) => ({
      code: status.FAILED_PRECONDITION,
      trailers: {
        exception: 'wrong-expected-version',
        'stream-name': stream,
        'expected-version': expected,
        'actual-version': actual,
      },
    });
    expect(await trailers(deleting(stream).setAny(new Empty()))).toMatchObject(expecting('-2', '-1'));
    expect(await trailers(deleting(stream).setStreamExists(new Empty()))).toMatchObject(expecting('-4', '-1'));
    await client.appendToStream(stream, someEvents(3));
    expect(await trailers(deleting(stream).setNoStream(new Empty()))).toMatchObject(expecting('-1', '2'));
    expect(await trailers(deleting(stream).setRevision('7'))).toMatchObject(expecting('7', '2'));
    const tombstone = new TombstoneReq().setOptions(
      new TombstoneReq.Options().setStreamIdentifier(identifier(stream)).setRevision('1'),
    );
    const error = await failure(
      new Promise((resolve, reject) => raw.tombstone(tombstone, (e, response) => (e ? reject(e) : resolve(response)))),
    );
    expect(onTheWire(error)).toMatchObject(expecting('1', '2'));
  });
});

describe('Read', () => {
  it('answers a missing stream in one message, without an error', async () => {
    const [only, ...rest] = await rawRead(raw, readStreamOptions('missing'));
    expect(rest).toEqual([]);
    const name = only?.getStreamNotFound()?.getStreamIdentifier()?.getStreamName_asU8();
    expect(Buffer.from(name ?? []).toString()).toBe('missing');
  });

  it('sends the last position of a stream only on request', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(3));
    expect(await rawRead(raw, readStreamOptions(stream))).toHaveLength(3);
    const asking = new ReadReq.Options.ControlOption().setCompatibility(1);
    const responses = await rawRead(raw, readStreamOptions(stream).setControlOption(asking));
    expect(responses).toHaveLength(4);
    expect(responses[3]?.getLastStreamPosition()).toBe('2');
  });

  it('has positions beside each event and inside it', async () => {
    const stream = aStream();
    const { position } = await client.appendToStream(stream, someEvents(1));
    const [response] = await rawRead(raw, readStreamOptions(stream));
    const commit = position!.commit.toString();
    expect(response?.getEvent()?.getCommitPosition()).toBe(commit);
    expect(response?.getEvent()?.getEvent()?.toObject()).toMatchObject({
      commitPosition: commit,
      preparePosition: commit,
    });
  });

  it('rejects a count of 0', async () => {
    expect(await wireFailure(rawRead(raw, readStreamOptions('s').setCount('0')))).toMatchObject({
      code: status.UNKNOWN,
      details: 'Unexpected ReadStreamResult: Error',
    });
    expect(await wireFailure(rawRead(raw, readAllOptions().setCount('0')))).toMatchObject({
      code: status.UNKNOWN,
      details: 'Unexpected ReadAllResult: Error',
    });
  });

  it('fails on the same input as a real server', async () => {
    const filtered = (regex: string, multiplier: number) =>
      subscribing(readAllOptions()).setFilter(
        new ReadReq.Options.FilterOptions()
          .setStreamIdentifier(new ReadReq.Options.FilterOptions.Expression().setRegex(regex))
          .setCount(new Empty())
          .setCheckpointintervalmultiplier(multiplier),
      );
    const at = (commit: string, prepare: string) =>
      readAllOptions().setAll(
        new ReadReq.Options.AllOptions().setPosition(
          new ReadReq.Options.Position().setCommitPosition(commit).setPreparePosition(prepare),
        ),
      );
    for (const bad of [readStreamOptions(''), filtered('(', 1), filtered('a', 0), at('1', '2')])
      expect(await wireFailure(rawRead(raw, bad))).toEqual({
        code: status.UNKNOWN,
        details: 'Exception was thrown by handler.',
        trailers: {},
      });
  });

  it('filters a plain read of $all too', async () => {
    const [one, other] = [aStream(), aStream()];
    for (const stream of [one, other, one]) await client.appendToStream(stream, someEvents(1));
    const filter = new ReadReq.Options.FilterOptions()
      .setStreamIdentifier(new ReadReq.Options.FilterOptions.Expression().setPrefixList([one]))
      .setCount(new Empty())
      .setCheckpointintervalmultiplier(1);
    expect(await rawRead(raw, readAllOptions().setFilter(filter).setCount('1'))).toHaveLength(1);
    expect(await rawRead(raw, readAllOptions().setFilter(filter))).toHaveLength(2);
  });

  it('subscribes with a confirmation first, then events, then once caught up', async () => {
    const stream = aStream();
    await client.appendToStream(stream, someEvents(2));
    const responses = await rawRead(raw, subscribing(readStreamOptions(stream)), (so) => so.length === 4);
    expect(responses.map((response) => response.getContentCase())).toEqual([2, 1, 1, 8]);
    expect(responses[0]?.getConfirmation()?.getSubscriptionId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('continues for other readers when one ends', async () => {
    const stream = aStream();
    const call = raw.read(new ReadReq().setOptions(subscribing(readStreamOptions(stream))));
    call.on('error', () => undefined);
    await new Promise((resolve) => call.once('data', resolve));
    call.cancel();
    await client.appendToStream(stream, someEvents(1));
    expect(await collect(client.readStream(stream))).toHaveLength(1);
  });
});

describe('stopping the store', () => {
  it('answers received calls, ends subscriptions as UNAVAILABLE, and sends nothing more', async () => {
    const other = await startEmbeddedEventStore({ memory: true });
    const stub = rawClient(other.port);
    const batches = new RawBatches(stub);
    const subscription = failure(rawRead(stub, subscribing(readAllOptions())));
    const options = new BatchAppendReq.Options().setStreamIdentifier(identifier('s')).setAny(new GoogleEmpty());
    batches.call.write(
      new BatchAppendReq()
        .setCorrelationId(uuid())
        .setOptions(options)
        .setProposedMessagesList([proposed()])
        .setIsFinal(true),
    );
    expect((await batches.reply()).hasSuccess()).toBe(true);
    await Promise.all([other.stop(), other.stop()]);
    expect(onTheWire(await subscription)).toMatchObject({ code: status.UNAVAILABLE });
    await waitFor(() => batches.error !== undefined);
    expect(batches.error?.code).toBe(status.UNAVAILABLE);
    stub.close();
  });
});
