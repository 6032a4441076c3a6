import { AddressError } from './address';
import { parseEventStoreAddress, shownEventStore } from './event-store-address';

describe('EVENTSTORE_URL', () => {
  it.each([
    ['esdb://127.0.0.1:2113?tls=false', [['127.0.0.1', 2113]], 'esdb://127.0.0.1:2113?tls=false'],
    ['esdb://h', [['h', 2113]], 'esdb://h:2113'],
    ['esdb://h:443/?tls=false', [['h', 443]], 'esdb://h:443?tls=false'],
    ['esdb://[::1]:80?tls=false', [['::1', 80]], 'esdb://[::1]:80?tls=false'],
    [
      'esdb://a:1,b,a:1?nodePreference=Read-Only-Replica',
      [
        ['a', 1],
        ['b', 2113],
      ],
      'esdb://a:1,b:2113?nodePreference=Read-Only-Replica',
    ],
    ['esdb+discover://c.dns', [['c.dns', 2113]], 'esdb+discover://c.dns:2113'],
    ['esdb://u:p@h?connectionName=x%40y', [['h', 2113]], 'esdb://h:2113?connectionName=***'],
    ['esdb://h?connectionName=x@y', [['h', 2113]], 'esdb://h:2113?connectionName=***'],
  ] as const)('%s names its servers', (text, nodes, shown) => {
    const address = parseEventStoreAddress(text);
    expect(address.nodes.map(({ host, port }) => [host, port])).toEqual(nodes);
    expect(address.shown).toBe(shown);
  });

  it('has options in the spelling of the client, which ignores case, dashes and underlines', () => {
    expect(parseEventStoreAddress('esdb://h?TLS=false&keep-alive_interval=-1&tlsVerifyCert=true')).toMatchObject({
      tls: false,
      options: { tls: false, keepAliveInterval: -1 },
    });
    expect(parseEventStoreAddress('esdb://h').tls).toBe(true);
  });

  it.each([
    ['esdb://me:plain@h', 'plain'],
    ['esdb://me:p%40s%2Fs@h', 'p@s/s'],
    ['esdb://me:p@s/s?w#rd:x y@h:1', 'p@s/s?w#rd:x y'],
    ['esdb+discover://me:a,b@h', 'a,b'],
    ['esdb://me:a:b@h,h2', 'a:b'],
    ['esdb://me:12?x@h', '12?x'],
    ['esdb://me:a?tls=false&b=c@h', 'a?tls=false&b=c'],
  ])('%s has a password, and its shown form has none of it', (text, password) => {
    const address = parseEventStoreAddress(text);
    expect(address.credentials).toEqual({ user: 'me', password });
    expect(address.shown).toMatch(/^esdb(\+discover)?:\/\/h:\d+(,h2:2113)?$/);
  });

  it.each([
    ['http://a:2113', 'must be a connection string such as esdb://127.0.0.1:2113?tls=false'],
    ['127.0.0.1:2113', 'must be a connection string such as'],
    ['esdb://', 'must be a connection string such as'],
    ['esdb://a:2113,', 'must be a connection string such as'],
    ['esdb://a b:2113', 'must be a connection string such as'],
    ['kurrentdb://me:hidden@h', 'must begin with esdb:// instead, which a KurrentDB server understands as well'],
    ['kurrentdb+discover://h', 'must begin with esdb+discover:// instead'],
    ['kdb://h', 'must begin with esdb:// instead'],
    ['esdb://h?tsl=hidden', 'has an option that is none of tls, tlsCAFile,'],
    ['esdb://h?tls=hidden', 'has an option tls that is neither true nor false'],
    ['esdb://h?tls=false&tls=true', 'has the option tls twice'],
    ['esdb://h?tls', 'has an option that is none of'],
    ['esdb://h?gossipTimeout=5s', 'has an option gossipTimeout that is no whole number from 1'],
    ['esdb://h?nodePreference=hidden', 'has an option nodePreference that is none of leader, follower'],
    ['esdb://h?tlsVerifyCert=false', 'has the option tlsVerifyCert, which the client ignores'],
    ['esdb://h?userCertFile=/hidden.pem', 'needs both options or none: userCertFile and userKeyFile'],
    ['esdb://hidden@h', 'needs user and password'],
    ['esdb://me:@h', 'needs user and password'],
    ['esdb://me:hid%den@h', 'has a percent sign that begins no code'],
    ['esdb://me:hidden@', 'must be a connection string such as'],
    ['esdb://me:hidden', 'must be a connection string such as'],
    ['esdb://me:hidden@h?connectionName=x@y', 'can be read in two ways: write each @ but that before the host as %40'],
  ])('%s is refused without a part of it', (text, rule) => {
    expect(() => parseEventStoreAddress(text)).toThrow(AddressError);
    expect(() => parseEventStoreAddress(text)).toThrow(rule);
    expect(shownEventStore(text)).not.toMatch(/hid|den/);
  });
});
