import type { IncomingHttpHeaders } from 'node:http';
import { authenticate, signature } from './auth';
import { RongCloudError } from './errors';

// Documented by the vendor; in seconds; with the decimal nonce of the Java SDK; captured from the Node SDK.
const VECTORS: [string, string, string, string][] = [
  ['Y1W2MeFwwwRxa0', '14314', '1408710653000', '30be0bbca9c9b2e27578701e9fda2358a814c88f'],
  ['testsecret', '14314', '1408710653', '478f9f5f81969472f42795af6e4801accd618c7a'],
  ['testsecret', '523423.1234567891', '1700000000', '002917560294f43d04c6864163f8e383f0c16484'],
  ['testsecret', '6015367', '1795245556', '83e6f5bd64901fc6455fc987293e3b1323778320'],
];

test.each(VECTORS)(
  "the signature of secret %s, nonce %s and timestamp %s is the vendor's",
  (secret, nonce, timestamp, expected) => {
    expect(signature(secret, nonce, timestamp)).toBe(expected);
  },
);

describe('authenticate', () => {
  const tenant = (id: string, appKey: string, appSecret: string) => ({
    id,
    settings: { appKey, appSecret, strict: false, groupCapacity: 3_000, usersPerCall: 1_000, utcOffsetMinutes: 480 },
  });
  const tenants = new Map([
    ['testkey', tenant('a', 'testkey', 'testsecret')],
    ['other', tenant('b', 'other', 'othersecret')],
  ]);
  const good = {
    'app-key': 'testkey',
    nonce: '6015367',
    timestamp: '1795245556',
    signature: '83e6f5bd64901fc6455fc987293e3b1323778320',
  };
  const refusal = (headers: IncomingHttpHeaders) => {
    try {
      authenticate({ headers }, tenants);
    } catch (error) {
      if (error instanceof RongCloudError) return [error.code, error.message];
      throw error;
    }
    return 'accepted';
  };

  test('a signature proves its tenant, as often as the same headers come', () => {
    expect(authenticate({ headers: good }, tenants).tenant.id).toBe('a');
    expect(authenticate({ headers: good }, tenants).tenant.id).toBe('a');
  });

  test('two secrets are valid at once, so that callers can change from one to the other', () => {
    const { settings } = tenants.get('testkey')!;
    const during = (appSecret: string, secondSecret?: string) =>
      new Map([['testkey', { id: 'a', settings: { ...settings, appSecret, ...(secondSecret && { secondSecret }) } }]]);
    const signedWith = (secret: string) => ({ ...good, signature: signature(secret, good.nonce, good.timestamp) });
    for (const secret of ['testsecret', 'nextsecret']) {
      expect(authenticate({ headers: signedWith(secret) }, during('testsecret', 'nextsecret')).tenant.id).toBe('a');
      expect(authenticate({ headers: signedWith(secret) }, during('nextsecret', 'testsecret')).tenant.id).toBe('a');
    }
    const afterwards = () => authenticate({ headers: signedWith('testsecret') }, during('nextsecret'));
    expect(afterwards).toThrow(new RongCloudError(1004, 'Signature is wrong'));
  });

  test('headers may have RC- before their names, all or some', () => {
    const prefixed = Object.fromEntries(Object.entries(good).map(([name, value]) => [`rc-${name}`, value]));
    expect(authenticate({ headers: prefixed }, tenants).tenant.id).toBe('a');
    expect(
      authenticate({ headers: { ...prefixed, 'app-key': 'testkey', 'rc-app-key': undefined } }, tenants).tenant.id,
    ).toBe('a');
  });

  test.each<[string, IncomingHttpHeaders, unknown]>([
    ['no App-Key', { ...good, 'app-key': undefined }, [1001, 'App-Key is required']],
    ['an empty App-Key', { ...good, 'app-key': '' }, [1001, 'App-Key is required']],
    ['no Nonce', { ...good, nonce: undefined }, [1004, 'Nonce is required']],
    ['no Timestamp', { ...good, timestamp: undefined }, [1004, 'Timestamp is required']],
    ['no Signature', { ...good, signature: undefined }, [1004, 'Signature is required']],
    ['nothing at all', {}, [1001, 'App-Key is required']],
    ['an unknown App-Key', { ...good, 'app-key': 'nobody' }, [1001, 'App-Key is unknown']],
    ['another nonce', { ...good, nonce: '6015368' }, [1004, 'Signature is wrong']],
    ['another timestamp', { ...good, timestamp: '1795245557' }, [1004, 'Signature is wrong']],
    ["another app's key", { ...good, 'app-key': 'other' }, [1004, 'Signature is wrong']],
    ['an upper-case signature', { ...good, signature: good.signature.toUpperCase() }, [1004, 'Signature is wrong']],
    ['a signature cut short', { ...good, signature: good.signature.slice(0, -1) }, [1004, 'Signature is wrong']],
  ])('%s is refused', (_what, headers, expected) => {
    expect(refusal(headers)).toEqual(expected);
  });
});
