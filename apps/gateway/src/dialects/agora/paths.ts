/** The first part of a path in Shengwang's shape, `/app-id/{app_id}/...`, where Agora's has the org. */
export const SHENGWANG = 'app-id';

/** First parts of paths that other APIs and the gateway itself have. No org has such a name. */
export const RESERVED = ['admin', 'app', 'docs', 'file', 'group', 'health', 'metrics', 'roster', 'user', 'v2'] as const;

/** What comes behind org and app. */
const RESOURCES =
  'token|chatgroups|publicchatgroups|users/[^/]+/joined_chatgroups|(?:sdk/)?metadata/chatgroup|sdk/chatgroups';

const CLAIMED = new RegExp(`^//?(?!(?:${RESERVED.join('|')})/)[^/]+/[^/]+/(?:${RESOURCES})(?:/|$)`);

/** Whether a path, in lower case, is one of this API's. */
export const isOurs = (path: string): boolean => CLAIMED.test(path) && !path.endsWith('.json');

/** The path of an operation. The vendor's documents print one with two slashes before the org. Their SDKs add `/sdk`. */
export const routed = (path: string): string =>
  path.replace(/^\/\//, '/').replace(/^(\/[^/]+\/[^/]+)\/sdk\/(?=chatgroups\/|metadata\/)/i, '$1/');

/** Which of the two APIs a call is in. */
export type Shape = 'shengwang' | 'agora';

export const shapeOf = (org: string | undefined): Shape => (org?.toLowerCase() === SHENGWANG ? 'shengwang' : 'agora');
