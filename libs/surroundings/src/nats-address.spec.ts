import { AddressError } from './address';
import { parseNatsAddress, shownNats } from './nats-address';

describe('NATS_URL', () => {
  it.each([
    ['nats://127.0.0.1:4222', [['127.0.0.1', 4222]]],
    ['nats://broker', [['broker', 4222]]],
    ['NATS://broker:80/', [['broker', 80]]],
    ['nats://[::1]:443', [['::1', 443]]],
    [
      ' nats://a:1 , nats://b_2.local:2 ',
      [
        ['a', 1],
        ['b_2.local', 2],
      ],
    ],
    ['nats://a:1,nats://a:1', [['a', 1]]],
  ] as const)('%j names its servers', (text, nodes) => {
    expect(parseNatsAddress(text).nodes.map(({ host, port }) => [host, port])).toEqual(nodes);
  });

  it.each([
    ['nats://me:plain@h', { user: 'me', password: 'plain' }],
    ['nats://me:p%40s%2Fs@h', { user: 'me', password: 'p@s/s' }],
    ['nats://me:p@s/s?w#rd:x y@h:1', { user: 'me', password: 'p@s/s?w#rd:x y' }],
    ['nats://me:a,b@h1:1,nats://h2:2', { user: 'me', password: 'a,b' }],
    ['nats://h1:1,nats://me:pass@h2:2', { user: 'me', password: 'pass' }],
    ['nats://me:pass@h1:1,nats://me:pass@h2:2', { user: 'me', password: 'pass' }],
    ['nats://t0k/en?@h', { token: 't0k/en?' }],
    ['nats://me:12?x@h', { user: 'me', password: '12?x' }],
    ['tls://us%3Aer:pä55@h', { user: 'us:er', password: 'pä55' }],
  ])('%s has the login %j, and its shown form has none of it', (text, login) => {
    const address = parseNatsAddress(text);
    expect(address.login).toEqual(login);
    expect(address.tls).toBe(text.startsWith('tls'));
    expect(address.shown).toMatch(/^(nats|tls):\/\/h\d?:\d+(,nats:\/\/h2:2)?$/);
  });

  it.each([
    ['localhost', 'must be one or several URLs nats://host:port, separated by commas'],
    ['http://h:4222', 'must be one or several URLs nats://host:port, separated by commas'],
    ['nats://', 'must be one or several URLs'],
    ['nats://h:99999', 'must be one or several URLs'],
    ['nats://h:0', 'must be one or several URLs'],
    ['nats://h:4222,', 'must be one or several URLs'],
    ['nats://h:4222?x=1', 'must be one or several URLs'],
    ['nats://me:hidden', 'must be one or several URLs'],
    ['nats://me:hidden@', 'must be one or several URLs'],
    ['nats://me:hidden@h:port', 'must be one or several URLs'],
    ['nats://me:hid%den@h', 'has a percent sign that begins no code such as %40: write it as %25'],
    ['nats://:hidden@h', 'needs both in the login'],
    ['nats://me:@h', 'needs both in the login'],
    ['nats://@h', 'has an empty login'],
    ['nats://me:hidden@a,nats://me:other@b', 'has different logins'],
    ['nats://h h:1', 'must be one or several URLs'],
  ])('%s is refused without a part of it', (text, rule) => {
    expect(() => parseNatsAddress(text)).toThrow(AddressError);
    expect(() => parseNatsAddress(text)).toThrow(rule);
    expect(shownNats(text)).not.toMatch(/hid|other|den/);
  });
});
