import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection } from 'nats';
import { JetStreamFiles, JetStreamInventory, newFileName, type FilesOptions } from '../../libs/file-store/src';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

const MIB = 1024 * 1024;
const OPTIONS: FilesOptions = { maxBytes: 2 * MIB, replicas: 1, timeoutMs: 1_000 };
const labels = { group: 'g' };

/** Bytes that differ from place to place, in parts that fit no message. */
const bytesOf = (size: number): Buffer => Buffer.alloc(size, 'bytes of a file, and more of them');
/** Jest compares long bytes slowly. */
const digest = (bytes: Uint8Array | undefined) => bytes && createHash('sha256').update(bytes).digest('hex');
async function* inParts(bytes: Buffer, part = 50_000): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += part) yield bytes.subarray(at, at + part);
  await Promise.resolve();
}
const all = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
};

describe('files in JetStream', () => {
  let nats: TestNats;
  let connection: NatsConnection;
  let files: JetStreamFiles;
  let inventory: JetStreamInventory;

  beforeAll(async () => {
    nats = await startNats();
    connection = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
    files = new JetStreamFiles(connection, OPTIONS);
    inventory = new JetStreamInventory(connection);
  });
  afterAll(async () => {
    await connection?.close();
    await nats?.stop();
  });

  const put = (tenant: string, bytes: Buffer, maxBytes = MIB, name = newFileName()) =>
    files.put(tenant, { name, labels, maxBytes }, inParts(bytes));
  const read = async (tenant: string, name: string) => {
    const file = await files.get(tenant, name);
    return file && Buffer.concat(await all(file.bytes()));
  };
  const messagesOf = async (tenant: string) => {
    const manager = await connection.jetstreamManager();
    return (await manager.streams.info(`OBJ_COHORT_FILES_${tenant}`)).state.messages;
  };

  test('a file of any size is read as it was stored, by the clients of NATS too, until it is removed', async () => {
    for (const size of [0, 1, 128 * 1024, 300_001]) {
      const bytes = bytesOf(size);
      const { name } = await put('sizes', bytes);
      expect(await files.get('sizes', name)).toMatchObject({ name, labels, size });
      expect(digest(await read('sizes', name))).toBe(digest(bytes));
      const store = await connection.jetstream().views.os('COHORT_FILES_sizes');
      expect(digest((await store.getBlob(name))!)).toBe(digest(bytes));
      await files.remove('sizes', name);
      await files.remove('sizes', name);
      expect(await files.get('sizes', name)).toBeUndefined();
      expect(await messagesOf('sizes')).toBe(0);
    }
  });

  test('a tenant reads, lists and removes its own files only', async () => {
    const { name } = await put('first', bytesOf(10));
    await put('second', bytesOf(10));
    expect(await files.get('second', name)).toBeUndefined();
    expect(await files.get('nobody', name)).toBeUndefined();
    await files.remove('second', name);
    expect((await all(inventory.list('first'))).map((one) => one.name)).toEqual([name]);
    expect(await all(inventory.list('nobody'))).toEqual([]);
    expect(await inventory.tenants()).toEqual(expect.arrayContaining(['first', 'second']));
    expect(await inventory.tenants()).not.toContain('nobody');
  });

  test('a file that is too large is refused while it is read, and nothing of it stays', async () => {
    let read = 0;
    async function* endless() {
      for (;;) {
        read += 50_000;
        yield Buffer.alloc(50_000);
        await Promise.resolve();
      }
    }
    const file = { name: newFileName(), labels, maxBytes: 500_000 };
    await expect(files.put('large', file, endless())).rejects.toMatchObject({ code: 'FILE_TOO_LARGE' });
    expect(read).toBeLessThanOrEqual(550_000);
    expect(await messagesOf('large')).toBe(0);
    await put('large', bytesOf(500_000), 500_000);
  });

  test('a full store refuses a file, keeps the others, and has room again when one is removed', async () => {
    const { name } = await put('full', bytesOf(MIB));
    await expect(put('full', bytesOf(MIB))).rejects.toMatchObject({
      code: 'FILE_STORE_FULL',
      message: expect.stringContaining('remove other files') as string,
    });
    expect(digest(await read('full', name))).toBe(digest(bytesOf(MIB)));
    await files.remove('full', name);
    await put('full', bytesOf(MIB));
    // Another size of the setting holds for buckets that are there.
    const larger = new JetStreamFiles(connection, { ...OPTIONS, maxBytes: 4 * MIB });
    await larger.put('full', { name: newFileName(), labels, maxBytes: MIB }, inParts(bytesOf(MIB)));
  });

  test('damaged bytes end with an error before the last of them', async () => {
    const { name } = await put('damaged', bytesOf(300_000));
    const file = (await files.get('damaged', name))!;
    const manager = await connection.jetstreamManager();
    const stream = 'OBJ_COHORT_FILES_damaged';
    const { nuid } = (await manager.streams.getMessage(stream, { seq: 4 })).json<{ nuid: string }>();
    await manager.streams.deleteMessage(stream, 2);
    await connection.jetstream().publish(`$O.COHORT_FILES_damaged.C.${nuid}`, Buffer.alloc(10));
    const parts: Uint8Array[] = [];
    const reading = (async () => {
      for await (const part of file.bytes()) parts.push(part);
    })();
    await expect(reading).rejects.toThrow('damaged');
    expect(parts).toHaveLength(2);
  });

  test('an upload whose process ended is no file; its bytes are found and removed', async () => {
    const other = await connect({ servers: nats.url });
    let sent = 0;
    async function* stalled() {
      yield bytesOf(200_000);
      sent++;
      await delay(60_000, undefined, { ref: false });
    }
    const name = newFileName();
    const abandoned = new JetStreamFiles(other, OPTIONS).put('killed', { name, labels, maxBytes: MIB }, stalled());
    abandoned.catch(() => undefined);
    const kept = await put('killed', bytesOf(10));
    await waitFor(async () => sent === 1 && (await messagesOf('killed')) === 3);
    await other.close();
    expect(await files.get('killed', name)).toBeUndefined();
    const [found, ...more] = await all(inventory.unfinished('killed'));
    expect(more).toEqual([]);
    expect(Date.now() - found!.at.getTime()).toBeLessThan(60_000);
    await inventory.removeUnfinished('killed', found!.id);
    expect(await all(inventory.unfinished('killed'))).toEqual([]);
    expect(await read('killed', kept.name)).toEqual(bytesOf(10));
  });

  test('files outlive the nats-server being killed; an upload meanwhile fails, and the next one succeeds', async () => {
    const { name } = await put('restart', bytesOf(300_000));
    async function* acrossRestart() {
      yield bytesOf(140_000);
      await nats.restart();
      yield bytesOf(10);
    }
    const outcome = await files
      .put('restart', { name: newFileName(), labels, maxBytes: MIB }, acrossRestart())
      .catch((error: unknown) => error);
    expect(outcome).toEqual(
      expect.objectContaining((outcome as object) instanceof Error ? { code: 'UNAVAILABLE' } : { size: 140_010 }),
    );
    expect(digest(await read('restart', name))).toBe(digest(bytesOf(300_000)));
    await put('restart', bytesOf(10));
  });
});
