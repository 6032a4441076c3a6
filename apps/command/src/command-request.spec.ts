import { CohortError, TENANT_DEFAULTS, type AppSettings } from '@cohort/contracts';
import { parseCommand, type IncomingCommand } from './command-request';

const demo: AppSettings = { ...TENANT_DEFAULTS, id: 'demo', groupCapacity: 10 };
const apps = {
  get(id: string): AppSettings {
    if (id === 'demo') return demo;
    throw new CohortError('APP_NOT_FOUND', 'no');
  },
};
const NOW = 1_000_000;

const join = { app: 'demo', actor: { type: 'service' }, groupId: 'g1', userId: 'u1' };
const parse = (incoming: Partial<IncomingCommand>) =>
  parseCommand(
    { subject: 'group.v1.command.join', body: join, timeout: undefined, traceparent: undefined, ...incoming },
    apps,
    NOW,
  );

const codeOf = (incoming: Partial<IncomingCommand>): string => {
  try {
    parse(incoming);
  } catch (error) {
    return error instanceof CohortError ? error.code : String(error);
  }
  return 'ok';
};

it('makes a command of a message', () => {
  expect(parse({})).toEqual({
    type: 'join',
    data: join,
    app: demo,
    commandId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/) as unknown,
    commandHash: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown,
    deadline: NOW + 10_000,
  });
});

it('takes id, revision, deadline and trace context when they are given', () => {
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
  expect(
    parse({ body: { ...join, commandId: 'c1', expectedRevision: '7' }, timeout: '250', traceparent }),
  ).toMatchObject({ commandId: 'c1', expectedRevision: 7, deadline: NOW + 250, traceparent });
});

it('ignores a malformed trace context, as W3C demands', () => {
  expect(parse({ traceparent: '00-xyz' })).not.toHaveProperty('traceparent');
});

describe('the hash of a command', () => {
  const hashOf = (body: object, subject?: string) => parse({ body, ...(subject ? { subject } : {}) }).commandHash;

  it('is the same whatever the order of fields, the form of the subject, the id and the revision', () => {
    const reversed = Object.fromEntries(Object.entries(join).reverse());
    const { app: _, ...withoutApp } = join;
    const same = [
      hashOf(join),
      hashOf(reversed),
      hashOf({ ...join, commandId: 'c1' }),
      hashOf({ ...join, expectedRevision: '3' }),
      hashOf(withoutApp, 'group.v1.app.demo.command.join'),
    ];
    expect(new Set(same).size).toBe(1);
  });

  it('differs by name, actor and field', () => {
    const different = [
      hashOf(join),
      hashOf(join, 'group.v1.command.leave'),
      hashOf({ ...join, userId: 'u2' }),
      hashOf({ ...join, actor: { type: 'user', id: 'u1' } }),
    ];
    expect(new Set(different).size).toBe(different.length);
  });
});

it.each([
  ['another tenant than the subject is FORBIDDEN', { subject: 'group.v1.app.other.command.join' }, 'FORBIDDEN'],
  [
    'a tenant that does not exist is APP_NOT_FOUND',
    { subject: 'group.v1.app.other.command.join', body: { ...join, app: 'other' } },
    'APP_NOT_FOUND',
  ],
  ['no tenant is refused', { body: { ...join, app: undefined } }, 'VALIDATION_FAILED'],
  ['an unknown field is refused', { body: { ...join, colour: 'blue' } }, 'VALIDATION_FAILED'],
  ['a list as its body is refused', { subject: 'group.v1.app.demo.command.join', body: [join] }, 'VALIDATION_FAILED'],
  ['a revision that is a number is refused', { body: { ...join, expectedRevision: 7 } }, 'VALIDATION_FAILED'],
  ['an unknown command is UNKNOWN_OPERATION', { subject: 'group.v1.command.toString' }, 'UNKNOWN_OPERATION'],
  ['the shortest timeout is accepted', { timeout: '1' }, 'ok'],
  ['the longest timeout is accepted', { timeout: '60000' }, 'ok'],
  ['a longer timeout is refused', { timeout: '60001' }, 'VALIDATION_FAILED'],
  ['an empty timeout is refused', { timeout: '' }, 'VALIDATION_FAILED'],
])('a message with %s', (_, incoming, code) => {
  expect(codeOf(incoming)).toBe(code);
});
