import { CohortError, isId } from '@cohort/contracts';
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  decodeProtectedHeader,
  errors as jose,
  jwtVerify,
  type JWTPayload,
  type JWTVerifyGetKey,
} from 'jose';
import { LanyingError } from './errors';
import type { LanyingSettings } from './settings';

/** Signatures by a secret that both sides have. */
const SHARED = ['HS256', 'HS384', 'HS512'];
/** Signatures by a private key; anyone may have the public one. */
const PUBLIC = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];

/** Milliseconds for reading the public keys of a tenant. */
const KEYS_WITHIN_MS = 3_000;

/** What a token proves. */
export interface Claims {
  /** The user's id; absent in tokens of services. */
  readonly sub?: string;
  readonly role?: number;
}

/** The keys of each tenant's settings. Public keys that were read are kept with them. */
const KEYS = new WeakMap<LanyingSettings, Keys>();

interface Keys {
  readonly secrets: readonly Uint8Array[];
  readonly sets: readonly JWTVerifyGetKey[];
}

function keysOf(settings: LanyingSettings): Keys {
  let keys = KEYS.get(settings);
  if (!keys) {
    const { secret, secondSecret, jwks, jwksUrl } = settings;
    keys = {
      secrets: [secret, secondSecret].flatMap((text) => (text === undefined ? [] : [new TextEncoder().encode(text)])),
      sets: [
        ...(jwks ? [createLocalJWKSet(jwks)] : []),
        ...(jwksUrl === undefined ? [] : [createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: KEYS_WITHIN_MS })]),
      ],
    };
    KEYS.set(settings, keys);
  }
  return keys;
}

/**
 * Verifies a token of a tenant. The kind of signature decides which keys may verify it, so a public key is never used as
 * a secret. Throws 402 for an expired token and 10008 for any other that isn't valid.
 */
export async function verifyToken(token: string, settings: LanyingSettings): Promise<Claims> {
  const alg = algorithmOf(token);
  const { secrets, sets } = keysOf(settings);
  const isShared = SHARED.includes(alg);
  const attempts = isShared
    ? secrets.map((secret) => () => jwtVerify(token, secret, { algorithms: SHARED }))
    : PUBLIC.includes(alg)
      ? sets.map((set) => () => verifiedBy(token, set))
      : [];
  for (const attempt of attempts) {
    try {
      const { payload } = await attempt();
      return claimsOf(payload, settings.appId, isShared);
    } catch (error) {
      if (error instanceof LanyingError) throw error;
      if (error instanceof jose.JWTExpired) {
        claimsOf(error.payload, settings.appId, isShared);
        throw new LanyingError(402);
      }
      if (isOutage(error)) throw new CohortError('UNAVAILABLE', "The keys of this app's tokens can't be read now.");
    }
  }
  throw new LanyingError(10008);
}

/** A token needs no `kid`: then each public key for its kind of signature is tried. */
async function verifiedBy(token: string, set: JWTVerifyGetKey): Promise<{ readonly payload: JWTPayload }> {
  try {
    return await jwtVerify(token, set, { algorithms: PUBLIC });
  } catch (error) {
    if (!(error instanceof jose.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error) {
      try {
        return await jwtVerify(token, key, { algorithms: PUBLIC });
      } catch (other) {
        if (!(other instanceof jose.JWSSignatureVerificationFailed)) throw other;
      }
    }
    throw error;
  }
}

function algorithmOf(token: string): string {
  try {
    return decodeProtectedHeader(token).alg ?? '';
  } catch {
    throw new LanyingError(10008);
  }
}

/** Whether the address of the keys gave no answer, or none that is a key set. Any other error is the token's. */
function isOutage(error: unknown): boolean {
  // The library's general error: the address answered with another status, or not in JSON.
  if (error instanceof jose.JOSEError) {
    return error instanceof jose.JWKSTimeout || error instanceof jose.JWKSInvalid || error.code === 'ERR_JOSE_GENERIC';
  }
  return !(error instanceof TypeError);
}

/** A secret belongs to one tenant. Public keys may serve several, so such a token must name its app. */
function claimsOf({ app, sub, role }: JWTPayload, appId: string, isShared: boolean): Claims {
  if (app === undefined ? !isShared : app !== appId) throw new LanyingError(10008);
  return {
    ...(sub === undefined ? {} : { sub: subjectOf(sub) }),
    ...(typeof role === 'number' ? { role } : {}),
  };
}

/** The id of a user; a number is accepted, too, though the standard has a text. */
function subjectOf(sub: unknown): string {
  if (isId(sub)) return sub;
  if (typeof sub === 'number' && Number.isSafeInteger(sub) && sub >= 0) return String(sub);
  throw new LanyingError(10008);
}
