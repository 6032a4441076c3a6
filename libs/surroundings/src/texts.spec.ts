import { inspect } from 'node:util';
import { hide, hideInJson, keepCredentials, keepSecret } from './secrets';
import { codeOf, messageOf, stackOf } from './texts';

class Hostile extends Error {
  override get message(): string {
    throw new Error('a message that throws');
  }
  override get stack(): string {
    throw new Error('a stack that throws');
  }
  override get cause(): unknown {
    throw new Error('a cause that throws');
  }
  get code(): string {
    throw new Error('a code that throws');
  }
}

const circle = new Error('a circle');
circle.cause = circle;

const THROWN: readonly unknown[] = [
  undefined,
  null,
  '',
  7n,
  Symbol('x'),
  () => 'a function',
  Object.create(null),
  new Hostile('hostile'),
  new Proxy({}, { get: () => assertNever() }),
  { toString: assertNever, [inspect.custom]: assertNever, toJSON: assertNever },
  { message: 7 },
  circle,
];

function assertNever(): never {
  throw new Error('this may not be called in vain');
}

it.each(THROWN.map((thrown, index) => [index, thrown]))('the text of thrown value %i never throws', (_, thrown) => {
  expect(typeof messageOf(thrown)).toBe('string');
  expect(typeof stackOf(thrown)).toBe('string');
  expect(codeOf(thrown)).toBeUndefined();
});

it('the text of an error is its message, and its stack has those of its causes', () => {
  const error = new Error('outer', { cause: new Error('inner') });
  expect(messageOf(error)).toBe('outer');
  expect(messageOf('a text')).toBe('a text');
  expect(messageOf({ a: 1 })).toBe('{ a: 1 }');
  expect(stackOf(error)).toMatch(/^Error: outer\n[^]*\ncause: Error: inner\n/);
  expect(codeOf(Object.assign(new Error(), { code: 'ENOENT' }))).toBe('ENOENT');
});

describe('a secret of the process', () => {
  const password = 'p@s/s?w"o#rd%é 7';
  keepCredentials('me', password);
  keepSecret('nats://me:12@h', 'nats://h:4222');
  keepSecret('2113');

  it.each([
    ['as it is', password],
    ['percent-encoded', encodeURIComponent(password)],
    ['in the lower case of percent codes', encodeURIComponent(password).toLowerCase()],
    ['as a URL normalises it', new URL(`x://me:${encodeURIComponent(password)}@h`).password],
    ['in JSON', JSON.stringify({ password })],
    ['in a header', Buffer.from(`me:${password}`).toString('base64')],
  ])('is hidden %s', (_, text) => {
    expect(hide(`before ${text} after`)).toMatch(/^before .*\*\*\*.* after$/);
    expect(hide(text)).not.toMatch(/s\/s|rd%/);
  });

  it('is hidden in messages and stacks of errors, and in those of their causes', () => {
    const error = new Error('outer', { cause: new Error(`no ${password}`) });
    expect(messageOf(new Error(`no ${password}`))).toBe('no ***');
    expect(stackOf(error)).toContain('cause: Error: no ***');
    expect(stackOf(error)).not.toContain(password);
  });

  it('that is an address is replaced by its harmless form', () => {
    expect(hide('connecting to nats://me:12@h failed')).toBe('connecting to nats://h:4222 failed');
  });

  it('leaves a line of JSON well-formed, even if it is a number or the name of a key', () => {
    keepSecret('level');
    const line = `${JSON.stringify({ level: 30, port: 2113, msg: `port 2113 level`, list: [{ [password]: password }] })}\n`;
    expect(JSON.parse(hideInJson(line))).toEqual({
      level: 30,
      port: 2113,
      msg: 'port *** ***',
      list: [{ '***': '***' }],
    });
    expect(hideInJson(line).endsWith('}\n')).toBe(true);
    expect(hideInJson(`no JSON ${password}`)).toBe('no JSON ***');
  });
});
