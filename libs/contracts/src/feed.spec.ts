import { MAX_EVENT_BYTES, type Actor } from './event';
import {
  actorAttributes,
  cloudEventHeaders,
  decodeHeader,
  encodeHeader,
  MAX_FEED_MESSAGE_BYTES,
  readFeedHeaders,
  type CloudEventAttributes,
} from './feed';
import { NOTICE } from './notice';

// CloudEvents NATS binding 1.0.3, section 3.1.3.2: space, ", % and all outside U+0021 to U+007E, as UTF-8.
test.each([
  ['plain/value~!#$&', 'plain/value~!#$&'],
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['100%', '100%25'],
  ['"quoted"\r\n', '%22quoted%22%0D%0A'],
  ['', ''],
])('%j is the header %j, and back', (value, header) => {
  expect(encodeHeader(value)).toBe(header);
  expect(decodeHeader(header)).toBe(value);
});

test('a malformed header is read as it is', () => expect(decodeHeader('50%')).toBe('50%'));

describe('the headers of a message of the feed', () => {
  const attributes = (actor: Actor): CloudEventAttributes => ({
    specversion: '1.0',
    id: 'e1',
    source: '/cohort/apps/demo',
    type: 'group.v1.memberJoined',
    subject: '销售 1',
    time: '2026-01-01T00:00:00.000Z',
    datacontenttype: 'application/json',
    revision: '7',
    position: '42',
    store: 's1',
    schemaversion: '1',
    commandid: 'c 1',
    ...actorAttributes(actor),
  });
  const read = (headers: Readonly<Record<string, string>>) => readFeedHeaders((name) => headers[name]);

  test.each<[Actor]>([
    [{ type: 'user', id: 'ann "%"' }],
    [{ type: 'service' }],
    [{ type: 'service', onBehalfOf: 'ann "%"' }],
  ])('are read as they were written, by %j', (actor) => {
    expect(read(cloudEventHeaders(attributes(actor)))).toEqual({
      id: 'e1',
      app: 'demo',
      groupId: '销售 1',
      type: 'memberJoined',
      actor,
      commandId: 'c 1',
      at: '2026-01-01T00:00:00.000Z',
      revision: '7',
      position: '42',
      store: 's1',
    });
  });

  test('have the notice of the command, whatever is in it, and none if it is malformed', () => {
    const notice = { vendor: 'v', payload: '{"t":"a \\"b\\" %20 销售"}', lines: [1] };
    const withNotice = (text: string) => read(cloudEventHeaders({ ...attributes({ type: 'service' }), notice: text }));
    expect(withNotice(JSON.stringify(notice))?.notice).toEqual(notice);
    expect(withNotice('{')).toEqual(read(cloudEventHeaders(attributes({ type: 'service' }))));
  });

  test('with the largest notice fit into the largest message', () => {
    const largest = {
      vendor: '😀'.repeat(64),
      payload: '"'.repeat(NOTICE.payloadBytes),
      lines: Array(16).fill(2 ** 31),
    };
    const headers = cloudEventHeaders({ ...attributes({ type: 'service' }), notice: JSON.stringify(largest) });
    const bytes = Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
    expect(bytes).toBeLessThan(MAX_FEED_MESSAGE_BYTES - MAX_EVENT_BYTES);
  });

  test.each([
    ['none at all', {}],
    ['no id', { 'ce-id': '' }],
    ['another source', { 'ce-source': '/orders' }],
    ['a revision that is none', { 'ce-revision': 'x' }],
    ['a position that is none', { 'ce-position': '-1' }],
  ])('with %s are of a message that no relay published', (_what, changes) => {
    const headers = cloudEventHeaders(attributes({ type: 'service' }));
    expect(read(Object.keys(changes).length === 0 ? {} : { ...headers, ...changes })).toBeUndefined();
  });
});
