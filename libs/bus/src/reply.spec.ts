import { ERRORS, errorBody } from '@cohort/contracts';
import fc from 'fast-check';
import type { MsgHdrs } from 'nats';
import { connectionOptions } from './bus';
import { encodeReply, headerText, MAX_ERROR_BYTES } from './reply';

const MAX = 4_096;
const text = (data: Uint8Array) => Buffer.from(data).toString('utf8');

it('a reply has the form of its request', () => {
  const value = { a: 1 };
  expect(text(encodeReply({ ok: true, value }, undefined, MAX).reply.data)).toBe('{"a":1}');
  expect(text(encodeReply({ ok: true, value }, '7', MAX).reply.data)).toBe(
    '{"response":{"a":1},"isDisposed":true,"id":"7"}',
  );
  const error = errorBody('GROUP_EXISTS', 'no');
  const { reply } = encodeReply({ ok: false, error }, '7', MAX);
  expect(text(reply.data)).toBe('{"err":{"code":"GROUP_EXISTS","message":"no"},"isDisposed":true,"id":"7"}');
  expect(reply.headers!.get('Nats-Service-Error-Code')).toBe('409');
});

/** Size of headers on the wire: `NATS/1.0`, one line each, an empty line. */
const sizeOf = (headers: MsgHdrs | undefined): number =>
  headers ? 12 + headers.keys().reduce((sum, key) => sum + key.length + headers.get(key).length + 4, 0) : 0;

it('any reply fits into a message together with its headers', () => {
  const outcome = fc.oneof(
    fc.record({ ok: fc.constant(true as const), value: fc.string({ maxLength: 8_000 }) }),
    fc.record({
      ok: fc.constant(false as const),
      error: fc.record({
        code: fc.constantFrom(...(Object.keys(ERRORS) as (keyof typeof ERRORS)[])),
        message: fc.string({ unit: 'binary', maxLength: 5_000 }),
        details: fc.dictionary(fc.string(), fc.string({ maxLength: 500 })),
      }),
    }),
  );
  fc.assert(
    fc.property(outcome, fc.option(fc.string({ maxLength: 6_000 }), { nil: undefined }), (one, id) => {
      const { reply, error } = encodeReply(one, id, MAX);
      const size = reply.data.length + sizeOf(reply.headers);
      expect(size).toBeLessThanOrEqual(MAX);
      expect(() => JSON.parse(text(reply.data)) as unknown).not.toThrow();
      expect(reply.headers !== undefined).toBe(error !== undefined);
    }),
  );
});

it('an error is at most 4 KiB with its headers, however much fits into a message', () => {
  const texts = fc.constantFrom('x', '\u0000', '\ud800', '😀', '"').map((text) => text.repeat(20_000));
  fc.assert(
    fc.property(texts, texts, fc.option(texts, { nil: undefined }), (message, detail, id) => {
      const error = errorBody('VALIDATION_FAILED', message, { [detail]: detail });
      const nestId = id?.slice(0, 128);
      const { reply } = encodeReply({ ok: false, error }, nestId, 8 * 1024 * 1024);
      expect(reply.data.length + sizeOf(reply.headers)).toBeLessThanOrEqual(MAX_ERROR_BYTES);
      expect(JSON.parse(text(reply.data))).toHaveProperty([nestId === undefined ? 'error' : 'err', 'code'], error.code);
    }),
  );
});

it('the text of a header is one line of printable ASCII', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 1_000 }), (value) => {
      expect(headerText(value)).toMatch(/^([\x21-\x7e]([\x20-\x7e]{0,254}[\x21-\x7e])?)?$/);
    }),
  );
});

it('NATS_URL yields servers and credentials', () => {
  expect(connectionOptions('nats://u:p%40ss@a:4223, nats://b', 'me')).toMatchObject({
    servers: ['a:4223', 'b:4222'],
    user: 'u',
    pass: 'p@ss',
    name: 'me',
    maxReconnectAttempts: -1,
  });
  expect(connectionOptions('tls://secret@a', 'me')).toMatchObject({ token: 'secret', tls: {} });
  expect(connectionOptions('nats://a', 'me')).not.toHaveProperty('tls');
  expect(connectionOptions('nats://[::1]:4222', 'me').servers).toEqual(['[::1]:4222']);
});
