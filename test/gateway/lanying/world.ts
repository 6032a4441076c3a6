import { send } from '../http';
import { userHeaders } from '../../support/lanying';
import type { Tenant } from '../../support/service/tenants';
import type { CommandAnswer, CommandName, QueryAnswers, QueryData, QueryName } from '@cohort/contracts';
import { QueryNodes } from '../../../apps/gateway/src/dialect/visibility';
import type { Addresses } from '../../support/service/host';
import { TenantClient, type CommandFields } from '../../support/tenant-client';
import { waitFor } from '../../support/wait-for';
import type { Value, Values } from '../cases';

/** Who calls, as the group sees them. */
export type Standing = 'owner' | 'admin' | 'member' | 'stranger';

/** A group and its users, which no other test uses. All ids are numbers. */
export interface World extends Readonly<Record<Standing, number>> {
  readonly groupId: number;
  /** One more member. */
  readonly other: number;
  readonly nats: VisibleClient;
}

/** Commands and queries over NATS. A command is answered when every query node shows what it wrote. */
export class VisibleClient {
  private readonly nodes = new QueryNodes(0);

  private constructor(private readonly tenant: TenantClient) {
    tenant.client.onQueryNodeApplied((applied) => this.nodes.applied(applied));
  }

  static async connect({ natsUrl, queries }: Addresses, app: string): Promise<VisibleClient> {
    const client = new VisibleClient(await TenantClient.connect(natsUrl, app));
    await waitFor(() => client.nodes.live.size === queries.length);
    return client;
  }

  async run<N extends CommandName>(name: N, fields: CommandFields<N>): Promise<CommandAnswer<N>> {
    const answer = await this.tenant.run(name, fields);
    await this.nodes.waitFor(answer.position, 10_000);
    return answer;
  }

  query<N extends QueryName>(name: N, fields: Omit<QueryData<N>, 'app'>): Promise<QueryAnswers[N]> {
    return this.tenant.query(name, fields);
  }

  async close(): Promise<void> {
    this.nodes.close();
    await this.tenant.close();
  }
}

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly query?: Values;
  readonly body?: Values;
  readonly headers?: Readonly<Record<string, string>>;
}

let made = 0;

/** Makes a group with an owner, an admin and two members. */
export async function newWorld(nats: VisibleClient): Promise<World> {
  const first = 10_000 + 10 * made++;
  const [owner, admin, member, other, stranger] = [first + 1, first + 2, first + 3, first + 4, first + 5];
  const groupId = 7_000_000 + made;
  await nats.run('create', {
    groupId: String(groupId),
    name: 'Sales',
    owner: String(owner),
    members: [admin, member, other].map(String),
  });
  await nats.run('grantAdmins', { groupId: String(groupId), userIds: [String(admin)] });
  return { groupId, owner, admin, member, other, stranger, nats };
}

/** A value in a query string. */
export const textOf = (value: Value): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Sends a call and returns the body of its answer, which always has HTTP status 200. */
export async function callAt(
  url: string,
  { lanying }: Tenant,
  by: number | undefined,
  { method, path, query = {}, body, headers }: Sent,
): Promise<unknown> {
  const search = new URLSearchParams(
    Object.entries(query).map(([name, value]): [string, string] => [name, textOf(value)]),
  );
  const text = body === undefined ? '' : JSON.stringify(body);
  const answer = await send(
    `${url}${path}${search.size > 0 ? `?${search.toString()}` : ''}`,
    method,
    {
      ...(by === undefined ? { app_id: lanying.appId } : userHeaders(lanying, by)),
      'Content-Length': String(Buffer.byteLength(text)),
      ...headers,
    },
    text,
  );
  expect(answer.status).toBe(200);
  return JSON.parse(answer.text) as unknown;
}
