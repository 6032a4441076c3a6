import { sealText } from '@cohort/contracts';
import { infoChanged } from '@cohort/contracts/testing';
import type { StoredMessage } from '@cohort/bus';
import type { StoredEvent } from '@cohort/event-store';
import { unlike } from './claim';
import { feedMessage, withTexts } from './cloud-event';

const key = { keyId: 'demo/ann#1', key: new Uint8Array(32) };
const event: StoredEvent = {
  type: infoChanged({}).type,
  // A later build may put a personal text there.
  data: { name: 'Sales', reason: sealText('Hi', key, 'g') },
  stream: 'group-demo/g',
  revision: 1,
  position: '100',
  id: '00000000-0000-4000-8000-000000000001',
  metadata: { at: '2026-01-01T00:00:00.000Z', app: 'demo', schemaVersion: 1 },
  created: new Date(0),
};
const expected = feedMessage(event, 'store')!;
const message = (body: string): StoredMessage => {
  const headers = new Map(Object.entries(expected.headers).map(([name, value]) => [name, [value]]));
  const header = (name: string) => headers.get(name)?.[0];
  return { sequence: 1, subject: expected.subject, headers, header, body: Buffer.from(body) };
};

test('an event is published with its texts, or with an empty text in the place of an erased one', async () => {
  const open = (texts: object) => ({ open: () => Promise.resolve([texts]) }) as never;
  const body = async (reason: string) => (await withTexts([expected], open({ name: 'Sales', reason })))[0]!.body;
  expect(await body('Hi')).toBe('{"name":"Sales","reason":"Hi"}');
  expect(await body('')).toBe('{"name":"Sales","reason":""}');
});

test('a published message stays that of its event after the text was erased', () => {
  expect(unlike(message('{"name":"Sales","reason":"Hi"}'), expected)).toBeUndefined();
  expect(unlike(message('{"name":"Sales","reason":""}'), expected)).toBeUndefined();
});

test.each(['{"name":"Other","reason":"Hi"}', '{"name":"Sales"}', '{"name":"Sales","reason":"Hi","more":1}', '{'])(
  'the body %s is not that of the event',
  (body) => {
    expect(unlike(message(body), expected)).toBe('its body');
  },
);
