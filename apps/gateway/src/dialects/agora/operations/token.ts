import { jsonObject } from '../../../dialect/body';
import type { JsonObject } from '../../../dialect/json';
import { operationOf } from '../../../dialect/operation';
import { equalSecrets } from '../../../dialect/secrets';
import { bearerOf, provenByBuilt } from '../auth';
import { applicationOf } from '../envelope';
import { badField, unauthorized } from '../errors';
import { base, body, text, type AgoraCall } from '../fields';
import type { AgoraSettings } from '../settings';
import type { Proven } from '../tokens/access-token2';
import { ownToken } from '../tokens/own-token';

const STRING = text(256);

/** Whom the call proves: by the secret of the app's client in the body, or by an AccessToken2 in the header. */
function provenIn(call: AgoraCall, grant: string, clientId?: string, clientSecret?: string): Proven {
  const { settings } = call.tenant;
  if (grant === 'agora') {
    const proven = provenByBuilt(bearerOf(call), settings, Date.now());
    if (!proven) throw unauthorized();
    return proven;
  }
  if (grant !== 'client_credentials') throw badField('grant_type must be client_credentials or agora');
  const isRight =
    settings.clientId !== undefined &&
    settings.clientId === clientId &&
    settings.clientSecrets.some((secret) => equalSecrets(secret, clientSecret ?? ''));
  if (!isRight) throw unauthorized();
  return { type: 'service' };
}

/** The call with which an SDK begins. */
export const token = [
  operationOf<AgoraSettings, JsonObject | undefined>(jsonObject)('token', 'POST', '/{org_name}/{app_name}/token', {
    source: 'Server SDK',
    summary: "returns an access token: the app's for its client's secret, a user's or the app's for an AccessToken2",
    input: {
      ...base,
      grant_type: body.required(STRING),
      client_id: body.optional(STRING),
      client_secret: body.optional(STRING),
    },
    does: ({ input, call }) => {
      const proven = provenIn(call, input.grant_type, input.client_id, input.client_secret);
      const { settings } = call.tenant;
      const exp = Math.floor(Date.now() / 1_000) + settings.tokenSeconds;
      return Promise.resolve({ proven, exp, settings });
    },
    answer: {
      schema: {
        type: 'object',
        properties: {
          access_token: { type: 'string' },
          expires_in: { type: 'integer', description: 'seconds' },
          expire_timestamp: { type: 'integer', description: 'milliseconds since 1970' },
          application: { type: 'string', format: 'uuid' },
        },
        required: ['access_token', 'expires_in', 'expire_timestamp', 'application'],
      },
      example: { access_token: 'YWMt...', expires_in: 86400, expire_timestamp: 1790000000000, application: '8be0...' },
      write: ({ proven, exp, settings }) => ({
        access_token: ownToken(settings, proven, exp),
        expires_in: settings.tokenSeconds,
        expire_timestamp: exp * 1_000,
        application: applicationOf(settings.name),
      }),
    },
  }),
];
