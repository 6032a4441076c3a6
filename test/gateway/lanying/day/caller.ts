import { adminHeaders, userHeaders } from '../../../support/lanying';
import type { Tenant } from '../../../support/service/tenants';
import type { Values } from '../../cases';
import { callAt } from '../world';
import type { Asked, Who } from './asked';

export interface Answer {
  readonly code: number;
  readonly data?: unknown;
  readonly cursor?: string;
  readonly total?: number;
  readonly version?: number;
  readonly removed?: readonly number[];
  readonly full?: boolean;
}

/** Sends calls as the vendor's clients do. */
export class Caller {
  constructor(
    private readonly url: string,
    private readonly tenant: Tenant,
    /** The fields of each operation that stand in its query string. */
    private readonly inQuery: (path: string, field: string) => boolean,
  ) {}

  async send(method: string, { path, by, fields }: Asked): Promise<Answer> {
    const entries = Object.entries(fields) as [string, Values[string]][];
    const of = (isQuery: boolean): Values =>
      Object.fromEntries(entries.filter(([name]) => this.inQuery(path, name) === isQuery));
    const body = of(false);
    return (await callAt(this.url, this.tenant, undefined, {
      ...{ method, path, query: of(true), headers: this.headers(by, fields.group_id) },
      ...(method === 'GET' ? {} : { body }),
    })) as Answer;
  }

  get(by: Who, path: string, query: Values): Promise<Answer> {
    return this.plain('GET', by, path, { query });
  }

  post(by: Who, path: string, body: Values, query: Values = {}): Promise<Answer> {
    return this.plain('POST', by, path, { body, query });
  }

  private async plain(method: string, by: Who, path: string, sent: { query: Values; body?: Values }): Promise<Answer> {
    return (await callAt(this.url, this.tenant, undefined, {
      ...{ method, path, ...sent, headers: this.headers(by, undefined) },
    })) as Answer;
  }

  private headers(by: Who, groupId: number | undefined): Record<string, string> {
    const keys = this.tenant.lanying;
    switch (by.as) {
      case 'user':
        return userHeaders(keys, by.user);
      case 'admin for user':
        return adminHeaders(keys, { user_id: String(by.user) });
      case 'service':
        return adminHeaders(keys, groupId === undefined ? {} : { group_id: String(groupId) });
    }
  }
}
