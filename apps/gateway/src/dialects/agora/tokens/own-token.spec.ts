import { AgoraSettings } from '../settings';
import { ownToken, provenByOwn } from './own-token';

const settings = (fields: Partial<AgoraSettings> = {}): AgoraSettings =>
  Object.assign(new AgoraSettings(), { appId: 'a', clientId: 'c', clientSecret: 's', ...fields });

const EXP = 1_800_000_000;
const before = EXP * 1_000 - 1;
const user = { type: 'user', id: 'u1' } as const;
const service = { type: 'service' } as const;

test('a token proves whom it was made for, until its end', () => {
  for (const proven of [user, service]) {
    const token = ownToken(settings(), proven, EXP);
    expect(provenByOwn(token, settings(), before)).toEqual(proven);
    expect(provenByOwn(token, settings(), EXP * 1_000)).toBeUndefined();
  }
});

test('a token of another app, or of a changed secret, is not valid', () => {
  const token = ownToken(settings({ org: 'o', app: 'one' }), user, EXP);
  expect(provenByOwn(token, settings({ org: 'o', app: 'two' }), before)).toBeUndefined();
  expect(provenByOwn(token, settings({ org: 'o', app: 'one', clientSecret: 't' }), before)).toBeUndefined();
  expect(provenByOwn(token, settings({ org: 'o', app: 'one' }), before)).toEqual(user);
});

test('a secret is replaced without a cut, the certificate as well', () => {
  const during = { clientSecret: 'new', secondClientSecret: 's' };
  expect(provenByOwn(ownToken(settings(), user, EXP), settings(during), before)).toEqual(user);
  expect(provenByOwn(ownToken(settings(during), user, EXP), settings({ clientSecret: 'new' }), before)).toEqual(user);
  const without = { clientId: undefined, clientSecret: undefined };
  const token = ownToken(settings({ ...without, certificate: 'old' }), user, EXP);
  const both = { certificate: 'new', secondCertificate: 'old' };
  expect(provenByOwn(token, settings({ ...without, ...both }), before)).toEqual(user);
  expect(provenByOwn(token, settings({ ...without, certificate: 'new' }), before)).toBeUndefined();
});

test('a tenant without secrets has no tokens, and accepts none', () => {
  const none = settings({ clientId: undefined, clientSecret: undefined });
  expect(() => ownToken(none, user, EXP)).toThrow('without a secret');
  expect(provenByOwn(ownToken(settings({ clientSecret: '' }), user, EXP), none, before)).toBeUndefined();
});

test('a changed token is not valid', () => {
  const token = ownToken(settings(), user, EXP);
  const other = ownToken(settings(), service, EXP);
  const [payload] = other.split('.');
  const [, signature] = token.split('.');
  for (const wrong of [`${payload}.${signature}`, `${token}.x`, `${token}x`, 'YWMt', 'YWMt.', token.slice(1), '']) {
    expect(provenByOwn(wrong, settings(), before)).toBeUndefined();
  }
});
