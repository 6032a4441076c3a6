import { ArrayMaxSize, ArrayMinSize, IsBoolean, IsInt, IsOptional, IsUrl, Max, Min, ValidateBy } from 'class-validator';
import { createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { IsKey, IsSecret } from '../../dialect/settings';

/** Whether the value is a set of public keys that the verifier takes. */
function isKeySet(value: unknown): boolean {
  try {
    createLocalJWKSet(value as JSONWebKeySet);
    return true;
  } catch {
    return false;
  }
}

const IsKeySet = (): PropertyDecorator =>
  ValidateBy({
    name: 'isKeySet',
    validator: { validate: isKeySet, defaultMessage: () => '$property must be a JSON Web Key Set: {"keys": [...]}' },
  });

/** What verifies tokens. */
const VERIFIERS = ['secret', 'secondSecret', 'jwks', 'jwksUrl'] as const;

/** Without anything that verifies tokens, none would ever be valid. */
const NeedsVerifier = (): PropertyDecorator =>
  ValidateBy({
    name: 'needsVerifier',
    validator: {
      validate: (_value, args) => VERIFIERS.some((name) => (args!.object as LanyingSettings)[name] !== undefined),
      defaultMessage: () => '$property needs secret, jwks or jwksUrl beside it, to verify tokens',
    },
  });

/** Keys and rules of a tenant. Tokens need `secret`, `jwksUrl` or `jwks`. */
export class LanyingSettings {
  @IsKey()
  @NeedsVerifier()
  appId!: string;

  /** Signs tokens with HS256, HS384 or HS512. */
  @IsOptional()
  @IsSecret()
  secret?: string;

  /** A second secret that is valid, too, while tokens of the first one are replaced. */
  @IsOptional()
  @IsSecret()
  secondSecret?: string;

  /** Address of the public keys of tokens with RS, PS or ES signatures. They are read again as they change. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  jwksUrl?: string;

  /** The same keys, in place. */
  @IsOptional()
  @IsKeySet()
  jwks?: JSONWebKeySet;

  /** Values of a token's claim `role` that make it an admin's. */
  @ArrayMinSize(1)
  @ArrayMaxSize(16)
  @IsInt({ each: true })
  adminRoles: number[] = [2];

  /** Users whom `create` names are invited, and join when they accept. Without it, they are members at once. */
  @IsBoolean()
  inviteOnCreate = false;

  /** Groups that one answer of `/group/public_list` has at most. */
  @IsInt()
  @Min(1)
  @Max(10_000)
  publicGroups = 1_000;

  /** Where the web SDK finds this gateway, such as `https://im.example.com`; default: `PUBLIC_URL`, else the host of the request. */
  @IsOptional()
  @IsUrl({ protocols: ['http', 'https'], require_tld: false, require_protocol: true })
  publicUrl?: string;
}
