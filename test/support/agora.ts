import { accessToken2 } from '../../apps/gateway/src/dialects/agora/testing/access-token2';
import { send } from '../gateway/http';

/** The keys of a tenant, as `APPS_FILE` has them. */
export interface AgoraKeys {
  readonly appId: string;
  readonly certificate: string;
  readonly org: string;
  readonly app: string;
}

/** The two shapes of paths. */
export type Shape = 'shengwang' | 'agora';

export const baseOf = ({ appId, org, app }: AgoraKeys, shape: Shape): string =>
  shape === 'shengwang' ? `/app-id/${appId}` : `/${org}/${app}`;

/** The app's token, or a user's. */
export const tokenOf = (keys: AgoraKeys, userId?: string): string =>
  accessToken2(keys, userId === undefined ? { privileges: { 2: 3_600 } } : { userId, privileges: { 1: 3_600 } });

export interface AgoraAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Sends calls of one tenant in one shape. `by` is the acting user; without one, the app acts. */
export class AgoraCaller {
  constructor(
    readonly url: string,
    readonly keys: AgoraKeys,
    readonly shape: Shape,
    readonly by?: string,
  ) {}

  as(by: string): AgoraCaller {
    return new AgoraCaller(this.url, this.keys, this.shape, by);
  }

  async call(
    method: string,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<AgoraAnswer> {
    const text = body === undefined ? '' : JSON.stringify(body);
    const answer = await send(
      `${this.url}${baseOf(this.keys, this.shape)}${path}`,
      method,
      {
        Authorization: `Bearer ${tokenOf(this.keys, this.by)}`,
        'Content-Length': String(Buffer.byteLength(text)),
        ...headers,
      },
      text,
    );
    return { status: answer.status, body: JSON.parse(answer.text) as AgoraAnswer['body'] };
  }

  get = (path: string) => this.call('GET', path);
  post = (path: string, body?: object) => this.call('POST', path, body);
  put = (path: string, body: object) => this.call('PUT', path, body);
  delete = (path: string) => this.call('DELETE', path);
}
