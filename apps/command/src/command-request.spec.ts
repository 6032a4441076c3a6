import { CohortError, type AppSettings } from '@cohort/contracts';
import { parseCommand, type IncomingCommand } from './command-request';

const demo: AppSettings = { id: 'demo', ownerPolicy: 'refuse', groupCapacity: 10 };
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

it('ignores a malformed trace context, as W3C says', () => {
  expect(parse({ traceparent: '00-xyz' })).not.toHaveProperty('traceparent');
});

describe('the hash tells a repeat from another command', () => {
  const hashOf = (body: object, subject?: string) => parse({ body, ...(subject ? { subject } : {}) }).commandHash;

  it('the same, whatever the order, the form of the subject, the id and the revision', () => {
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

  it('another for another name, actor or field', () => {
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
  ['another app than the subject', { subject: 'group.v1.app.other.command.join' }, 'FORBIDDEN'],
  [
    'an app that is not there',
    { subject: 'group.v1.app.other.command.join', body: { ...join, app: 'other' } },
    'APP_NOT_FOUND',
  ],
  ['no app', { body: { ...join, app: undefined } }, 'VALIDATION_FAILED'],
  ['an unknown field', { body: { ...join, colour: 'blue' } }, 'VALIDATION_FAILED'],
  ['a body that is a list', { subject: 'group.v1.app.demo.command.join', body: [join] }, 'VALIDATION_FAILED'],
  ['a revision that is a number', { body: { ...join, expectedRevision: 7 } }, 'VALIDATION_FAILED'],
  ['an unknown command', { subject: 'group.v1.command.toString' }, 'UNKNOWN_OPERATION'],
  ['the least timeout', { timeout: '1' }, 'ok'],
  ['the most timeout', { timeout: '60000' }, 'ok'],
  ['a timeout beyond it', { timeout: '60001' }, 'VALIDATION_FAILED'],
  ['a timeout of nothing', { timeout: '' }, 'VALIDATION_FAILED'],
])('%s', (_, incoming, code) => {
  expect(codeOf(incoming)).toBe(code);
});
