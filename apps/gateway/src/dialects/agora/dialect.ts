import type { IncomingMessage } from 'node:http';
import { defineDialect } from '../../dialect/dialect';
import { authenticate, CREDENTIALS, nameOf } from './auth';
import { demo } from './demo';
import { errors } from './errors';
import { operations } from './operations';
import { isOurs, routed } from './paths';
import { AgoraSettings } from './settings';

/** Callers of Lanying's API send these headers, to whatever path. */
const LANYINGS = ['app_id', 'access-token'];

function isLanyings({ headers }: Partial<Pick<IncomingMessage, 'headers'>>): boolean {
  if (headers === undefined) return false;
  const asked = (headers['access-control-request-headers'] ?? '').toLowerCase().split(/[ ,]+/);
  return LANYINGS.some((name) => name in headers || asked.includes(name));
}

/** The group APIs of Shengwang IM and Agora Chat: one API with two shapes of paths (docs/dialects/agora.md). */
export const agora = defineDialect({
  key: 'agora',
  title: 'Shengwang IM and Agora Chat',
  document: "Shengwang's and Agora's group documents",
  settings: AgoraSettings,
  tenantKey: { name: 'appId', of: ({ appId }) => appId },
  otherKey: { name: 'org and app', of: nameOf },
  demo,
  claimed: '/{org_name}/{app_name}/*path',
  claims: (path, request) => isOurs(path) && !isLanyings(request),
  routed,
  authenticate,
  credentials: CREDENTIALS,
  // The last two come with uploads and downloads of the web SDK.
  cors: { headers: [...CREDENTIALS, 'content-type', 'accept', 'restrict-access', 'x-requested-with'] },
  errors,
  operations,
});
