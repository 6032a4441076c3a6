import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StoreStartError, startEmbeddedEventStore, type EmbeddedEventStore } from '@cohort/embedded-event-store';
import { AccessDeniedError, EventStoreDBClient, type EventStoreDBClient as Client } from '@eventstore/db-client';
import { GossipClient } from '@eventstore/db-client/generated/gossip_grpc_pb';
import { Empty } from '@eventstore/db-client/generated/shared_pb';
import type { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb';
import { AppendReq, BatchAppendReq, DeleteReq } from '@eventstore/db-client/generated/streams_pb';
import { Metadata, credentials, status } from '@grpc/grpc-js';
import { Empty as GoogleEmpty } from 'google-protobuf/google/protobuf/empty_pb';
import { requires } from '../support/servers';
import {
  RawBatches,
  basic,
  collect,
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

const DENIED = { code: status.PERMISSION_DENIED, details: 'Access Denied', trailers: { exception: 'access-denied' } };
const UNAUTHENTICATED = { code: status.UNAUTHENTICATED, details: 'Unauthenticated', trailers: {} };

describe('an embedded event store with user and password', () => {
  let store: EmbeddedEventStore;
  let raw: StreamsClient;
  beforeAll(async () => {
    store = await startEmbeddedEventStore({ memory: true, user: 'cohort', password: 'se:cret' });
    raw = rawClient(store.port);
  });
  afterAll(async () => {
    raw.close();
    await store.stop();
  });

  const append = new AppendReq().setOptions(
    new AppendReq.Options().setStreamIdentifier(identifier('s')).setAny(new Empty()),
  );
  const batch = () =>
    new BatchAppendReq()
      .setCorrelationId(uuid())
      .setOptions(new BatchAppendReq.Options().setStreamIdentifier(identifier('s')).setAny(new GoogleEmpty()))
      .setProposedMessagesList([proposed()])
      .setIsFinal(true);
  const remove = new DeleteReq().setOptions(
    new DeleteReq.Options().setStreamIdentifier(identifier('s')).setAny(new Empty()),
  );
  const calls = (metadata: Metadata): [string, () => Promise<unknown>][] => [
    ['Append', () => rawAppend(raw, [append], metadata)],
    ['Delete', () => rawDelete(raw, remove, metadata)],
    ['Read of a stream', () => rawRead(raw, readStreamOptions('s'), undefined, metadata)],
    ['Read of $all', () => rawRead(raw, readAllOptions(), undefined, metadata)],
    ['subscription', () => rawRead(raw, subscribing(readAllOptions()), undefined, metadata)],
  ];

  it.each(calls(new Metadata()))('rejects an anonymous %s as PERMISSION_DENIED', async (_, call) => {
    expect(onTheWire(await failure(call()))).toEqual(DENIED);
  });

  it.each([...calls(basic('cohort', 'wrong')), ...calls(basic('other', 'se:cret'))])(
    'rejects a %s with a wrong user or password as UNAUTHENTICATED',
    async (_, call) => {
      expect(onTheWire(await failure(call()))).toEqual(UNAUTHENTICATED);
    },
  );

  it('denies each anonymous batch in its reply, and keeps the call open', async () => {
    const batches = new RawBatches(raw);
    for (let i = 0; i < 2; i++) {
      batches.call.write(batch());
      const error = (await batches.reply()).getError();
      expect([error?.getCode(), error?.getMessage()]).toEqual([7, 'AccessDenied']);
      expect(error?.getDetails()?.getTypeName()).toBe('event_store.client.AccessDenied');
    }
    batches.call.cancel();
  });

  it('ends a batch call with a wrong password', async () => {
    const batches = new RawBatches(raw, basic('cohort', 'wrong'));
    batches.call.write(batch());
    expect(onTheWire(await failure(batches.reply()))).toEqual(UNAUTHENTICATED);
  });

  it('serves a caller with both', async () => {
    const batches = new RawBatches(raw, basic('cohort', 'se:cret'));
    batches.call.write(batch());
    expect((await batches.reply()).hasSuccess()).toBe(true);
    batches.call.cancel();
    expect(await rawRead(raw, readStreamOptions('s'), undefined, basic('cohort', 'se:cret'))).not.toEqual([]);
  });

  it('answers Gossip without credentials', async () => {
    const gossip = new GossipClient(`127.0.0.1:${store.port}`, credentials.createInsecure());
    await new Promise((resolve, reject) =>
      gossip.read(new Empty(), (error, response) => (error ? reject(error) : resolve(response))),
    );
    gossip.close();
  });
});

describe('an embedded event store over TLS', () => {
  const pem = (name: string) => join(__dirname, 'fixtures', `localhost.${name}.pem`);
  let store: EmbeddedEventStore;
  let client: Client | undefined;
  beforeAll(async () => {
    const tls = { certificate: readFileSync(pem('cert'), 'utf8'), key: readFileSync(pem('key'), 'utf8') };
    store = await startEmbeddedEventStore({ memory: true, user: 'cohort', password: 'se:cret', tls });
  });
  afterEach(() => client?.dispose());
  afterAll(() => store.stop());

  it('serves the real client with the connection string alone', async () => {
    client = EventStoreDBClient.connectionString(`${store.connectionString}&tlsCaFile=${pem('cert')}`);
    await client.appendToStream('s', someEvents(2));
    expect(await collect(client.readStream('s'))).toHaveLength(2);
  });

  it('makes the client throw AccessDeniedError without credentials, or with wrong ones', async () => {
    for (const login of ['', 'cohort:wrong@']) {
      const address = `esdb://${login}127.0.0.1:${store.port}?tls=true&tlsCaFile=${pem('cert')}`;
      const stranger = EventStoreDBClient.connectionString(address);
      expect(await failure(collect(stranger.readStream('s')))).toBeInstanceOf(AccessDeniedError);
      await stranger.dispose();
    }
  });
});

describe('the embedded event store', () => {
  it.each(['0.0.0.0', '::', '192.0.2.1', 'example.com'])('requires user and password to listen on %s', async (host) => {
    expect(await failure(startEmbeddedEventStore({ memory: true, host }))).toBeInstanceOf(StoreStartError);
  });

  it.each(['127.0.0.1', '127.0.0.2', 'localhost'])('listens on %s without a password', async (host) => {
    const store = await startEmbeddedEventStore({ memory: true, host });
    expect(store.connectionString).toBe(`esdb://${host}:${store.port}?tls=false`);
    await store.stop();
  });

  it('requires either a directory or memory', async () => {
    expect(await failure(startEmbeddedEventStore({}))).toBeInstanceOf(StoreStartError);
    expect(await failure(startEmbeddedEventStore({ memory: true, directory: '/tmp/x' }))).toBeInstanceOf(
      StoreStartError,
    );
  });
});
