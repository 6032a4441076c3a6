import { connect, headers, NatsError, type NatsConnection } from 'nats';
import { isPublishSubject, isReplySubject } from '@cohort/contracts';
import { PublishAcks } from '../../libs/bus/src/publish-acks';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';

requires('own nats-server');

let nats: TestNats;
let connection: NatsConnection;
beforeAll(async () => {
  nats = await startNats();
  connection = await connect({ servers: nats.url });
  await (await connection.jetstreamManager()).streams.add({ name: 'S', subjects: ['s.>'] });
});
afterAll(async () => {
  await connection?.close();
  await nats?.stop();
});

const of = (values: Record<string, string>) => {
  const all = headers();
  for (const [name, value] of Object.entries(values)) all.append(name, value);
  return all;
};

test('each publish resolves with its own sequence, and whether it was a duplicate', async () => {
  const acks = new PublishAcks(connection, 5_000);
  const published = await Promise.all(
    Array.from({ length: 600 }, (_, i) => acks.publish('s.a', '{}', of({ 'Nats-Msg-Id': `m${i % 500}` }))),
  );
  const [first] = published;
  expect(published.slice(0, 500)).toEqual(
    Array.from({ length: 500 }, (_, i) => ({ sequence: first!.sequence + i, duplicate: false })),
  );
  expect(published.slice(500)).toEqual(published.slice(0, 100).map(({ sequence }) => ({ sequence, duplicate: true })));
});

test('a refused publish rejects with its code, one without a stream with status 503, and others succeed', async () => {
  const acks = new PublishAcks(connection, 5_000);
  const [refused, nobody, taken] = await Promise.allSettled([
    acks.publish('s.a', '{}', of({ 'Nats-Expected-Last-Sequence': '9999' })),
    acks.publish('elsewhere', '{}', of({})),
    acks.publish('s.b', '{}', of({})),
  ]);
  expect(refused).toMatchObject({ status: 'rejected', reason: { code: '400', api_error: { err_code: 10071 } } });
  expect(nobody).toMatchObject({ status: 'rejected', reason: { code: '503' } });
  expect((refused as PromiseRejectedResult).reason).toBeInstanceOf(NatsError);
  expect(taken).toMatchObject({ status: 'fulfilled', value: { duplicate: false } });
});

test('a subscriber sees the inbox of the acknowledgements, and no request may name it as its reply subject', async () => {
  const seen: string[] = [];
  const subscriber = connection.subscribe('s.>', { callback: (_error, { reply }) => void seen.push(reply!) });
  await new PublishAcks(connection, 5_000).publish('s.a', '{}', of({}));
  await connection.flush();
  subscriber.unsubscribe();
  expect(seen).toHaveLength(1);
  expect(isPublishSubject(seen[0]!)).toBe(true);
  expect(isReplySubject(seen[0]!)).toBe(false);
});

test('a publish without an acknowledgement rejects after its time, and a late acknowledgement is ignored', async () => {
  const acks = new PublishAcks(connection, 2_000);
  const asked: string[] = [];
  const silent = connection.subscribe('silent', { callback: (_error, { reply }) => void asked.push(reply!) });
  await expect(acks.publish('silent', '{}', of({}))).rejects.toThrow(
    'JetStream did not acknowledge a message within 2000 ms',
  );
  await connection.flush();
  connection.publish(asked[0]!, '{"stream":"S","seq":1}');
  await connection.flush();
  await expect(acks.publish('s.a', '{}', of({}))).resolves.toMatchObject({ duplicate: false });
  silent.unsubscribe();
});

test('closing the connection rejects the pending publishes', async () => {
  const another = await connect({ servers: nats.url });
  another.subscribe('quiet', { callback: () => undefined });
  const acks = new PublishAcks(another, 60_000);
  const waiting = acks.publish('quiet', '{}', of({}));
  await another.flush();
  await Promise.all([expect(waiting).rejects.toThrow('the connection to NATS was closed'), another.close()]);
});
