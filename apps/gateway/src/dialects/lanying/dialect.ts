import type { IncomingMessage } from 'node:http';
import { defineDialect } from '../../dialect/dialect';
import {
  ACTING,
  authenticate,
  AVATAR_DOWNLOAD_PATH,
  AVATAR_UPLOAD_PATH,
  CONFIG_PATH,
  CREDENTIALS,
  DNS_PATH,
  FILE_DOWNLOAD_PATH,
  ROOT_PATH,
} from './auth';
import { demo } from './demo';
import { errors } from './errors';
import { operations } from './operations';
import { LanyingSettings } from './settings';

/** Paths beside `/group/...`. */
const OTHERS = [
  ROOT_PATH,
  DNS_PATH,
  CONFIG_PATH,
  '/roster/list',
  AVATAR_UPLOAD_PATH,
  AVATAR_DOWNLOAD_PATH,
  FILE_DOWNLOAD_PATH,
];
const FOLDERS = ['/group/', '/app/qrcode/'];

/** Paths of RongCloud and of WildfireChat. */
const isOthers = (path: string): boolean => path.endsWith('.json') || path.startsWith('/admin/');

/** Whether a caller of this API sends it, to whatever path: the web SDK asks for more than groups, at first without a token. */
function isCaller({ headers }: Partial<Pick<IncomingMessage, 'headers'>>): boolean {
  if (headers === undefined) return false;
  const asked = headers['access-control-request-headers'] ?? '';
  const names = asked.toLowerCase().split(/[ ,]+/);
  return CREDENTIALS.some((name) => name in headers || names.includes(name));
}

/** The group API of Lanying, also known as MaxIM and BMX (docs/dialects/lanying.md). */
export const lanying = defineDialect({
  key: 'lanying',
  title: 'Lanying',
  document: "Lanying's group API document",
  settings: LanyingSettings,
  tenantKey: { name: 'appId', of: ({ appId }) => appId },
  demo,
  claimed: '/group/*path',
  claims: (path, request) =>
    !isOthers(path) &&
    (OTHERS.includes(path) || FOLDERS.some((folder) => path.startsWith(folder)) || isCaller(request)),
  authenticate,
  credentials: CREDENTIALS,
  cors: { headers: [...CREDENTIALS, ...ACTING, 'content-type'] },
  errors,
  operations,
});
