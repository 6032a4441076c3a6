import {
  ClientProxyFactory,
  Ctx,
  MessagePattern,
  NatsContext,
  NatsRecordBuilder,
  Payload,
  Transport,
} from '@nestjs/microservices';
import { Test } from '@nestjs/testing';
import type { INestApplication } from '@nestjs/common';
import { Bus, NatsController, serveNats, type NatsServer } from '@cohort/bus';
import { CohortError } from '@cohort/contracts';
import fc from 'fast-check';
import { connect, headers, type NatsConnection } from 'nats';
import { firstValueFrom, of } from 'rxjs';
import { startNats, type TestNats } from '../support/nats-server';
import { requires } from '../support/servers';
import { waitFor } from '../support/wait-for';

requires('own nats-server');

let release: () => void;
const released = new Promise<object>((resolve) => (release = () => resolve({ waited: true })));

const ANSWERS: Record<string, (data: unknown) => unknown> = {
  echo: (data) => ({ echo: data }),
  refuse: () => {
    throw new CohortError('GROUP_NOT_FOUND', 'There is no group "ä\r\nX: y".', { groupId: 'ä' });
  },
  fail: () => {
    throw new Error('secret internals');
  },
  large: () => ({ text: 'x'.repeat(2_000_000) }),
  largeError: () => {
    throw new CohortError('VALIDATION_FAILED', 'y'.repeat(2_000_000), { fields: 'z'.repeat(2_000_000) });
  },
  circular: () => {
    const value: Record<string, unknown> = {};
    value.self = value;
    return value;
  },
  nothing: () => undefined,
  wait: () => released,
  observable: () => of({ from: 'observable' }),
};

const emitted: unknown[] = [];

@NatsController()
class TestController {
  @MessagePattern(['group.v1.query.test', 'group.v1.app.*.query.test'])
  async test(@Payload() data: unknown, @Ctx() context: NatsContext): Promise<unknown> {
    emitted.push(data);
    await Promise.resolve();
    const name = (data as { do?: string } | null)?.do ?? 'echo';
    const answer = (ANSWERS[name] ?? ANSWERS.echo!)(data);
    return name === 'echo' ? { ...(answer as object), subject: context.getSubject() } : answer;
  }
}

const SUBJECT = 'group.v1.query.test';

let nats: TestNats;
let bus: Bus;
let app: INestApplication;
let server: NatsServer;
let client: NatsConnection;
const observed: [string, string, number][] = [];

beforeAll(async () => {
  nats = await startNats();
  bus = await Bus.connect({ servers: nats.url, name: 'test' });
  const module = await Test.createTestingModule({ controllers: [TestController] }).compile();
  app = module.createNestApplication({ logger: false });
  await app.init();
  server = await serveNats(app, { bus, queue: 'test', observe: (...seen) => observed.push(seen) });
  client = await connect({ servers: nats.url });
});

afterAll(async () => {
  await client?.close();
  await server?.close();
  await app?.close();
  await bus?.close();
  await nats?.stop();
});

const ask = (body: Uint8Array | string, subject = SUBJECT) => client.request(subject, body, { timeout: 20_000 });
const askJson = async (value: unknown, subject = SUBJECT) => {
  const message = await ask(JSON.stringify(value), subject);
  return { body: message.json<Record<string, unknown>>(), headers: message.headers };
};
const alive = async () => expect((await askJson({ a: 1 })).body).toEqual({ echo: { a: 1 }, subject: SUBJECT });

describe('plain requests', () => {
  it('are answered in plain JSON, on both forms of the subject', async () => {
    await alive();
    const { body, headers: none } = await askJson({ a: 1 }, 'group.v1.app.demo.query.test');
    expect(body).toEqual({ echo: { a: 1 }, subject: 'group.v1.app.demo.query.test' });
    expect(none).toBeUndefined();
  });

  it('are answered when the handler returns no value, or an observable', async () => {
    expect((await askJson({ do: 'nothing' })).body).toBeNull();
    expect((await askJson({ do: 'observable' })).body).toEqual({ from: 'observable' });
  });

  it('get errors in the body, and in headers of one printable line', async () => {
    const { body, headers } = await askJson({ do: 'refuse' });
    expect(body).toEqual({
      error: { code: 'GROUP_NOT_FOUND', message: 'There is no group "ä\r\nX: y".', details: { groupId: 'ä' } },
    });
    expect(headers!.get('Nats-Service-Error')).toBe('GROUP_NOT_FOUND: There is no group "???X: y".');
    expect(headers!.get('Nats-Service-Error-Code')).toBe('404');
    expect(headers!.keys().sort()).toEqual(['Nats-Service-Error', 'Nats-Service-Error-Code']);
  });

  it('get INTERNAL with nothing but a reference when the handler fails unexpectedly', async () => {
    for (const name of ['fail', 'circular']) {
      const { body, headers } = await askJson({ do: name });
      expect(body).toEqual({
        error: {
          code: 'INTERNAL',
          message: expect.stringMatching(
            /^Internal error; the log has the details under reference [0-9a-f-]{36}\.$/,
          ) as string,
          details: { ref: expect.stringMatching(/^[0-9a-f-]{36}$/) as string },
        },
      });
      expect(headers!.get('Nats-Service-Error-Code')).toBe('500');
    }
    await alive();
  });

  it('get TOO_LARGE when the answer does not fit into a message', async () => {
    const { body, headers } = await askJson({ do: 'large' });
    expect(body).toMatchObject({ error: { code: 'TOO_LARGE' } });
    expect(headers!.get('Nats-Service-Error-Code')).toBe('413');
    await alive();
  });

  it('get an error without its details when they do not fit into a message', async () => {
    const { body } = await askJson({ do: 'largeError' });
    expect(body).toEqual({ error: { code: 'VALIDATION_FAILED', message: 'y'.repeat(128) } });
    await alive();
  });
});

const proxy = () => ClientProxyFactory.create({ transport: Transport.NATS, options: { servers: [nats.url] } });

describe("Nest's ClientProxy", () => {
  it('gets answers, errors as bodies, and INTERNAL without details of the failure', async () => {
    const nest = proxy();
    try {
      await expect(firstValueFrom(nest.send(SUBJECT, { a: 1 }))).resolves.toEqual({ echo: { a: 1 }, subject: SUBJECT });
      await expect(firstValueFrom(nest.send(SUBJECT, { do: 'refuse' }))).rejects.toMatchObject({
        code: 'GROUP_NOT_FOUND',
        details: { groupId: 'ä' },
      });
      await expect(firstValueFrom(nest.send(SUBJECT, { do: 'fail' }))).rejects.toMatchObject({ code: 'INTERNAL' });
      await expect(firstValueFrom(nest.send(SUBJECT, { do: 'large' }))).rejects.toMatchObject({ code: 'TOO_LARGE' });
      const record = new NatsRecordBuilder({ a: 2 }).setHeaders(headers()).build();
      await expect(firstValueFrom(nest.send(SUBJECT, record))).resolves.toMatchObject({ echo: { a: 2 } });
    } finally {
      await nest.close();
    }
  });

  it('gets the error headers as well', async () => {
    const { body, headers } = await askJson({ pattern: SUBJECT, data: { do: 'refuse' }, id: '7' });
    expect(body).toMatchObject({ id: '7', isDisposed: true, err: { code: 'GROUP_NOT_FOUND' } });
    expect(headers!.get('Nats-Service-Error-Code')).toBe('404');
  });

  it('may emit events, which get no answer', async () => {
    const nest = proxy();
    try {
      const mark = 'emitted here, and nowhere else';
      await firstValueFrom(nest.emit(SUBJECT, { mark }), { defaultValue: undefined });
      await firstValueFrom(nest.emit(SUBJECT, { do: 'fail', mark }), { defaultValue: undefined });
      // The events use another connection than the requests, which may arrive first.
      const marked = () => emitted.filter((data) => (data as { mark?: string } | null)?.mark === mark);
      await waitFor(() => marked().length === 2);
      expect(marked()).toEqual([{ mark }, { do: 'fail', mark }]);
      await alive();
    } finally {
      await nest.close();
    }
  });
});

describe('for hostile input', () => {
  const refused = async (body: Uint8Array | string) => {
    const message = await ask(body);
    expect(message.json()).toMatchObject({ error: { code: 'VALIDATION_FAILED' } });
    expect(message.headers!.get('Nats-Service-Error-Code')).toBe('400');
    return message.json<{ error: { message: string } }>().error.message;
  };

  it('one malformed message does not end the process (it does with a stock Nest 11 server)', async () => {
    expect(await refused('{"app":')).toBe('The message is not well-formed JSON.');
    await alive();
  });

  it('a plain request is answered (a stock Nest 11 server takes it for an event)', alive);

  it('an empty message is rejected', async () => {
    expect(await refused('')).toBe('The message is empty; it must be one JSON object.');
  });

  it('bytes that are not UTF-8 are rejected, not repaired', async () => {
    expect(await refused(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toBe('The message is not UTF-8.');
  });

  it('deep nesting, wide objects and long lists are rejected', async () => {
    expect(await refused('['.repeat(5_000))).toContain('nested deeper');
    expect(await refused('['.repeat(5_000) + ']'.repeat(5_000))).toContain('nested deeper');
    expect(await refused('{"a":'.repeat(9) + '1' + '}'.repeat(9))).toContain('nested deeper');
    expect(await refused(`{"a":[${'{},'.repeat(10_000)}{}]}`)).toContain('10000 fields and items');
    await alive();
  });

  it('a message over the size of its operation is TOO_LARGE, in plain form and in an envelope', async () => {
    const exact = (bytes: number) => JSON.stringify({ a: '' }).replace('""', `"${'x'.repeat(bytes - 8)}"`);
    expect((await ask(exact(65_536))).json()).toHaveProperty('echo');
    const tooLarge = { code: 'TOO_LARGE', details: { limit: 65_536 } };
    const message = await ask(exact(65_537));
    expect(message.json()).toMatchObject({ error: tooLarge });
    expect(message.headers!.get('Nats-Service-Error-Code')).toBe('413');
    const nest = proxy();
    try {
      await expect(firstValueFrom(nest.send(SUBJECT, exact(65_537)))).rejects.toMatchObject(tooLarge);
    } finally {
      await nest.close();
    }
  });

  it('an envelope with a hostile id is answered, and later requests are, too', async () => {
    for (const length of [129, 60_000, 1_048_500]) {
      const message = await ask(JSON.stringify({ pattern: 'x', data: { do: 'large' }, id: 'i'.repeat(length) }));
      expect(message.json()).toMatchObject({ error: { code: length > 65_536 ? 'TOO_LARGE' : 'VALIDATION_FAILED' } });
      expect(message.data.length).toBeLessThan(300);
    }
    for (const odd of [7, null, {}, []]) {
      expect((await askJson({ pattern: {}, data: { a: 1 }, id: odd })).body).toEqual({
        echo: { a: 1 },
        subject: SUBJECT,
      });
    }
  });

  it('messages without a reply subject are handled without a reply, even malformed ones', async () => {
    for (const body of ['{', '', '[]', 'null', '{"do":"fail"}', '{"do":"large"}', '{"do":"refuse"}']) {
      client.publish(SUBJECT, body);
    }
    await alive();
  });

  it('any bytes are answered, with an error or by the handler', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        expect((await ask(bytes)).data.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
    await alive();
  });

  it('any JSON is answered, with hostile keys too', async () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('pattern', 'data', 'id', 'do', '__proto__', 'constructor', 'toJSON', 'then'),
    );
    const { json } = fc.letrec<{ json: unknown }>((tie) => ({
      json: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, true, 0, -1, 1e308, '', 'fail', '\u0000', 'x'.repeat(10_000)),
        fc.string(),
        fc.array(tie('json'), { maxLength: 5 }),
        fc.dictionary(key, tie('json'), { maxKeys: 6 }),
      ),
    }));
    await fc.assert(
      fc.asyncProperty(json, async (value) => {
        expect((await ask(JSON.stringify(value))).data.length).toBeGreaterThan(0);
      }),
      { numRuns: 300 },
    );
    await alive();
  });
});

it('an observer is called for each request with name, outcome and seconds', async () => {
  observed.length = 0;
  await askJson({ do: 'refuse' });
  await alive();
  expect(observed).toEqual([
    ['test', 'GROUP_NOT_FOUND', expect.any(Number)],
    ['test', 'ok', expect.any(Number)],
  ]);
  expect(observed.every(([, , seconds]) => seconds >= 0 && seconds < 5)).toBe(true);
});

test("a tenant's large requests wait while 1 MiB of them is at work, and its small ones and other tenants' don't", async () => {
  const body = (text: string) => JSON.stringify({ do: 'wait', text });
  const ask = (tenant: string, text: string) => client.request(`group.v1.app.${tenant}.query.test`, body(text));
  const begun = (letter: string) =>
    emitted.filter((data) => (data as { text?: string } | null)?.text?.startsWith(letter)).length;
  const large = Array.from({ length: 30 }, () => ask('flood', 'a'.repeat(60_000)));
  await waitFor(() => begun('a') > 0);
  const others = [ask('flood', 'b'), ask('calm', 'c'.repeat(60_000))];
  await waitFor(() => begun('b') + begun('c') === 2 && begun('a') >= 17);
  // Another turn of both sides, in which no further one begins.
  await client.request(SUBJECT, JSON.stringify({ text: 'd'.repeat(60_000) }));
  expect(begun('a')).toBe(17);
  release();
  expect((await Promise.all([...large, ...others])).map((answer) => answer.json())).toEqual(
    Array.from({ length: 32 }, () => ({ waited: true })),
  );
});
