import { v5 as uuidv5 } from 'uuid';
import type { Schema } from '../../dialect/fields';
import type { AgoraCall } from './fields';
import { shapeOf } from './paths';

/** What an operation returns, beside what every answer has. */
export interface Reply {
  readonly data?: unknown;
  readonly entities?: readonly unknown[];
  readonly total?: number;
  readonly count?: number;
  /** Of the next page. Some SDKs read on until there is none. */
  readonly cursor?: string | undefined;
  /** Whether the answer has an empty `properties`. */
  readonly properties?: boolean;
  /** `metadata`: only time, data and duration. `check`: Shengwang's answer of is_joined. */
  readonly form?: 'metadata' | 'check';
}

/** The vendor's id of an app, for callers that compare it. */
export const applicationOf = (name: string): string => uuidv5(name, uuidv5.URL);

/** Where the caller's path is: on the tenant's address, else on the gateway's. */
export const uriOf = ({ address, path, tenant }: AgoraCall): string =>
  `${tenant.settings.publicUrl?.replace(/\/+$/, '') ?? address}${path}`;

/** The parameters of the query string, each as a list. */
function paramsOf({ query }: AgoraCall): Readonly<Record<string, readonly string[]>> | undefined {
  const params = new Map([...query].map(([name]) => [name, query.getAll(name)]));
  return params.size === 0 ? undefined : Object.fromEntries(params);
}

const given = <T>(name: string, value: T | undefined) => (value === undefined ? {} : { [name]: value });

/** The whole body of an answer. */
export function enveloped(call: AgoraCall, reply: Reply, durationMs: number): object {
  const times = { timestamp: Date.now(), duration: Math.round(durationMs) };
  const { data, entities = [], form } = reply;
  if (form === 'metadata') return { timestamp: times.timestamp, data, duration: times.duration };
  const { org_name: org, app_name: app } = call.params;
  const application = applicationOf(call.tenant.settings.name);
  const action = call.method === 'HEAD' ? 'get' : call.method.toLowerCase();
  const isShengwang = shapeOf(org) === 'shengwang';
  if (form === 'check' && isShengwang) {
    const [organization = ''] = call.tenant.settings.name.split('#');
    return { action, application, data, duration: times.duration, organization, timestamp: times.timestamp };
  }
  return {
    action,
    ...(isShengwang ? {} : { application }),
    uri: uriOf(call),
    entities,
    ...given('data', data),
    ...times,
    ...(isShengwang ? {} : { organization: org, applicationName: app }),
    ...given('params', paramsOf(call)),
    ...given('cursor', reply.cursor),
    ...given('count', reply.count),
    ...given('total', reply.total),
    ...(reply.properties ? { properties: {} } : {}),
  };
}

/** The schema of an answer whose `data` is this. */
export const schemaOf = (data: Schema): Schema => ({
  type: 'object',
  properties: {
    action: { type: 'string' },
    application: { type: 'string', format: 'uuid' },
    uri: { type: 'string' },
    entities: { type: 'array', items: { type: 'object' } },
    data,
    timestamp: { type: 'integer', format: 'int64' },
    duration: { type: 'integer' },
    organization: { type: 'string' },
    applicationName: { type: 'string' },
    params: { type: 'object' },
    cursor: { type: 'string', description: 'of the next page; absent on the last one' },
    count: { type: 'integer' },
    total: { type: 'integer' },
    properties: { type: 'object' },
  },
  required: ['timestamp', 'duration'],
});
