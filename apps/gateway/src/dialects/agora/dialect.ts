import type { IncomingMessage } from 'node:http';
import { defineDialect } from '../../dialect/dialect';
import { authenticate, CREDENTIALS, nameOf } from './auth';
import { demo } from './demo';
import { errors } from './errors';
import { operations } from './operations';
import { isOurs, routed } from './paths';
import { AgoraSettings } from './settings';

/** Callers of Lanying's API send this header, to whatever path. */
const LANYING_TOKEN = 'access-token';

function isLanyings({ headers }: Partial<Pick<IncomingMessage, 'headers'>>): boolean {
  const asked = headers?.['access-control-request-headers'] ?? '';
  return (
    headers !== undefined && (LANYING_TOKEN in headers || asked.toLowerCase().split(/[ ,]+/).includes(LANYING_TOKEN))
  );
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
  cors: { headers: [...CREDENTIALS, 'content-type', 'accept'] },
  errors,
  operations,
});
