import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type JWK, type KeyLike } from 'jose';
import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CohortError } from '@cohort/contracts';
import { Form } from '../../dialect/form';
import { authenticate } from './auth';
import { LanyingError } from './errors';
import { LanyingSettings } from './settings';

const settingsOf = (over: Partial<LanyingSettings>) => Object.assign(new LanyingSettings(), { appId: 'demo' }, over);
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a token', () => {
  let shop: LanyingSettings;
  let keys: Readonly<Record<'RS256' | 'ES384', KeyLike>>;
  let publicJwk: JWK;

  beforeAll(async () => {
    const [rsa, ec] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('ES384')]);
    keys = { RS256: rsa.privateKey, ES384: ec.privateKey };
    publicJwk = { ...(await exportJWK(rsa.publicKey)), kid: 'r', alg: 'RS256' };
    const jwks = { keys: [publicJwk, { ...(await exportJWK(ec.publicKey)), kid: 'e', alg: 'ES384' }] };
    shop = settingsOf({ secret: 'demo-secret', secondSecret: 'next-secret', jwks });
  });

  const sign = (claims: object, alg: string, key: KeyLike | Uint8Array = bytes('demo-secret')) =>
    new SignJWT({ ...claims }).setProtectedHeader({ alg }).sign(key);

  const ask = async (headers: Record<string, string>, path = '/group/info', settings = shop) => {
    const tenants = new Map([['demo', { id: 'tenant', settings }]]);
    try {
      const { tenant, actor } = await authenticate(
        { method: 'GET', headers: { app_id: 'demo', ...headers }, path, query: new Form() },
        tenants,
      );
      return [tenant.id, actor];
    } catch (error) {
      if (error instanceof LanyingError) return error.code;
      if (error instanceof CohortError) return error.code;
      throw error;
    }
  };
  const user = (id: string) => ['tenant', { type: 'user', id }];
  const service = ['tenant', { type: 'service' }];

  test.each(['HS256', 'HS384', 'HS512'])('signed by a shared secret with %s proves its user', async (alg) => {
    expect(await ask({ 'access-token': await sign({ app: 'demo', sub: '20' }, alg) })).toEqual(user('20'));
  });

  test('of the second secret is valid, too, and one of a third is not', async () => {
    const claims = { app: 'demo', sub: '20' };
    expect(await ask({ 'access-token': await sign(claims, 'HS512', bytes('next-secret')) })).toEqual(user('20'));
    expect(await ask({ 'access-token': await sign(claims, 'HS512', bytes('other-secret')) })).toBe(10008);
  });

  test.each(['RS256', 'ES384'] as const)('signed by a private key with %s proves its user', async (alg) => {
    expect(await ask({ 'access-token': await sign({ app: 'demo', sub: '20' }, alg, keys[alg]) })).toEqual(user('20'));
  });

  test('needs no kid: each public key for its kind of signature is tried', async () => {
    const [first, second, other] = await Promise.all([1, 2, 3].map(() => generateKeyPair('RS256')));
    const jwks = { keys: await Promise.all([first, second].map((pair) => exportJWK(pair!.publicKey))) };
    const signedBy = async (pair: typeof first, claims: object = { app: 'demo', sub: '20' }) =>
      ask({ 'access-token': await sign(claims, 'RS256', pair!.privateKey) }, '/group/info', settingsOf({ jwks }));
    expect(await signedBy(first)).toEqual(user('20'));
    expect(await signedBy(second)).toEqual(user('20'));
    expect(await signedBy(second, { app: 'demo', sub: '20', exp: 1_600_000_000 })).toBe(402);
    expect(await signedBy(other)).toBe(10008);
  });

  test('is invalid if its public key was used as a secret', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const signed = `${part({ alg: 'HS256', kid: 'r' })}.${part({ app: 'demo', sub: '20' })}`;
    const forged = `${signed}.${createHmac('sha256', JSON.stringify(publicJwk)).update(signed).digest('base64url')}`;
    expect(await ask({ 'access-token': forged })).toBe(10008);
  });

  test.each<[string, object, unknown]>([
    ['without a user', { app: 'demo' }, 10008],
    ['of another app', { app: 'other', sub: '20' }, 10008],
    ['of an empty user', { app: 'demo', sub: '' }, 10008],
    ['that has expired', { app: 'demo', sub: '20', exp: 1_600_000_000 }, 402],
    ['of another app that has expired', { app: 'other', sub: '20', exp: 1_600_000_000 }, 10008],
    ['that is not valid yet', { app: 'demo', sub: '20', nbf: 32_000_000_000 }, 10008],
    ['that expires later', { app: 'demo', sub: '20', exp: 32_000_000_000 }, user('20')],
    ['without an app, by the tenant’s own secret', { sub: '20' }, user('20')],
    ['with a number as its user', { app: 'demo', sub: 20 }, user('20')],
    ['of a role that is no admin', { app: 'demo', sub: '20', role: 1 }, user('20')],
    ['of an admin', { app: 'demo', sub: '20', role: 2 }, service],
    ['of an admin without a user', { app: 'demo', role: 2 }, service],
  ])('%s', async (_what, claims, expected) => {
    expect(await ask({ 'access-token': await sign(claims, 'HS512') })).toEqual(expected);
  });

  test('by a key of several tenants must name its app', async () => {
    expect(await ask({ 'access-token': await sign({ sub: '20' }, 'RS256', keys.RS256) })).toBe(10008);
  });

  test.each(['x', 'a.b.c', '....', new UnsecuredJWT({ app: 'demo', sub: '20', role: 2 }).encode()])(
    '%j is invalid',
    async (token) => {
      expect(await ask({ 'access-token': token })).toBe(10008);
    },
  );

  test('is required, and so is a known app, but not for what the web SDK asks first', async () => {
    expect(await ask({})).toBe(10003);
    expect(await ask({ app_id: 'nobody' })).toBe(40000);
    expect(await ask({ app_id: '' })).toBe(40000);
    for (const path of ['/v2/app_dns', '/app/config/']) {
      expect(await ask({}, path)).toEqual(service);
      expect(await ask({ app_id: 'nobody' }, path)).toBe(40000);
    }
    expect(await ask({ app_id: '' }, '/')).toEqual(['', { type: 'service' }]);
  });

  test('of an admin acts as the user of the header user_id', async () => {
    const admin = { 'access-token': await sign({ app: 'demo', sub: '1', role: 2 }, 'HS512') };
    expect(await ask({ ...admin, user_id: '20' })).toEqual(user('20'));
    expect(await ask({ ...admin, user_id: 'x' })).toBe(10002);
  });

  test('has the roles of admins that the tenant says', async () => {
    const only7 = settingsOf({ secret: 'demo-secret', adminRoles: [7] });
    const token = (role: number) => sign({ app: 'demo', sub: '20', role }, 'HS256');
    expect(await ask({ 'access-token': await token(2) }, '/', only7)).toEqual(['', { type: 'service' }]);
    expect(await ask({ 'access-token': await token(2) }, '/group/info', only7)).toEqual(user('20'));
    expect(await ask({ 'access-token': await token(7) }, '/group/info', only7)).toEqual(service);
  });

  test('of a tenant without keys is never valid', async () => {
    expect(await ask({ 'access-token': await sign({ sub: '20' }, 'HS512') }, '/group/info', settingsOf({}))).toBe(
      10008,
    );
  });

  test('is verified with keys from an address, and the outage of that address is no fault of the token', async () => {
    let body = JSON.stringify({ keys: [publicJwk] });
    const server = createServer((_request, response) => void response.end(body));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const jwksUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    const token = { 'access-token': await sign({ app: 'demo', sub: '20' }, 'RS256', keys.RS256) };
    expect(await ask(token, '/group/info', settingsOf({ jwksUrl }))).toEqual(user('20'));
    body = 'no keys';
    expect(await ask(token, '/group/info', settingsOf({ jwksUrl }))).toBe('UNAVAILABLE');
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
    expect(await ask(token, '/group/info', settingsOf({ jwksUrl }))).toBe('UNAVAILABLE');
  });
});
