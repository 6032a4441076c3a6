import { ERROR_TYPES, type ErrorType } from '../../../apps/gateway/src/dialects/agora/errors';
import { FIRST_START_MS, newTenant, sharedService } from '../../support/service';
import type { TenantKind } from '../../support/service/tenants';
import { AgoraCaller, type Shape } from '../../support/agora';

/** The whole answer of an error. */
export function error(type: ErrorType, description: string) {
  const [status, name, exception] = ERROR_TYPES[type] as readonly [number, string, string?];
  return {
    status,
    body: {
      error: name,
      timestamp: expect.any(Number) as number,
      duration: expect.any(Number) as number,
      ...(exception === undefined ? {} : { exception }),
      error_description: description,
    },
  };
}

export const noGroup = (groupId: string) => error('notFound', `grpID ${groupId} does not exist!`);

/** A tenant of the shared service, whose app calls in both shapes. */
export function inTenant(kind: TenantKind = 'plain'): { readonly in: (shape: Shape) => AgoraCaller } {
  const callers = new Map<Shape, AgoraCaller>();
  beforeAll(async () => {
    const service = await sharedService();
    const tenant = await newTenant(kind);
    for (const shape of ['shengwang', 'agora'] as const) {
      callers.set(shape, new AgoraCaller(service.gateway.url, tenant.agora, shape));
    }
  }, FIRST_START_MS);
  return { in: (shape) => callers.get(shape)! };
}

/** What every right answer has, in the order of the vendor. */
export const enveloped = ({ keys, shape }: AgoraCaller, action: string, uri: string) => ({
  action,
  uri,
  entities: [],
  timestamp: expect.any(Number) as number,
  duration: expect.any(Number) as number,
  ...(shape === 'shengwang'
    ? {}
    : {
        application: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        organization: keys.org,
        applicationName: keys.app,
      }),
});

let made = 0;
/** A user id that no other test has. */
export const newUser = (): string => `u${process.pid}-${++made}`;

/** Makes a group and returns its id. */
export async function newGroup(caller: AgoraCaller, fields: object = {}): Promise<string> {
  const { status, body } = await caller.post('/chatgroups', {
    ...{ groupname: 'Sales', desc: '', public: true, owner: 'u1', ...fields },
  });
  expect([status, body]).toEqual([200, expect.anything()]);
  return (body.data as { groupid: string }).groupid;
}
