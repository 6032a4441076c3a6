import { TENANT_DEFAULTS } from '@cohort/contracts';
import { createServer, request, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BodyBytes } from '../../../dialect/body-bytes';
import { configure } from '../../../dialect/configure';
import { GroupService } from '../../../dialect/group-service';
import { listener } from '../../../dialect/serve';
import { signature } from '../auth';
import { wildfirechat } from '../dialect';

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

/** Headers that sign a request of the demo's tenant, or with another secret. */
export const signed = (secret = 'demo-secret') => ({
  nonce: '1',
  timestamp: '2',
  sign: signature(secret, '1', '2'),
  'Content-Type': 'application/json; charset=utf-8',
});

/** The dialect on a real HTTP server; the service behind it answers what a test wants. */
export class ServedDialect {
  /** What commands and queries return. */
  behind: (name: string, data: Record<string, unknown>) => unknown = () => undefined;
  /** The commands and queries since the last reset. */
  asked: [string, Record<string, unknown>][] = [];

  private constructor(private readonly server: Server) {}

  /** Serves the tenant `demo`, with these settings beside its secret. */
  static async start(settings: object = {}): Promise<ServedDialect> {
    const log = { error: () => undefined };
    const answer = (name: string, data: Record<string, unknown>) => {
      dialect.asked.push([name, data]);
      return Promise.resolve().then(() => dialect.behind(name, data));
    };
    const client = { command: answer, query: answer } as unknown as ConstructorParameters<typeof GroupService>[0];
    const service = new GroupService(client, { waitFor: () => Promise.resolve(true) }, () => undefined);
    const tenant = {
      ...TENANT_DEFAULTS,
      id: 'demo',
      dialects: { wildfirechat: { secret: 'demo-secret', ...settings } },
    };
    const serve = configure([wildfirechat], [tenant], 'apps.json');
    const served = serve({ service, observe: () => undefined, log, bodies: new BodyBytes(), origins: '*' });
    const server = createServer(listener(served, (_, response) => response.writeHead(404).end('Nest'), log));
    const dialect = new ServedDialect(server);
    dialect.reset();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return dialect;
  }

  /** Forgets what was asked. Everything succeeds, and there is a live group of the owner `o`. */
  reset(): void {
    this.asked = [];
    this.behind = (name) =>
      name === 'group' ? { status: 'live', owner: 'o' } : { position: '1', groupId: 'g', results: [] };
  }

  send(path: string, body: string, headers: Record<string, string> = signed(), method = 'POST'): Promise<Answer> {
    return new Promise((done, fail) => {
      const { port } = this.server.address() as AddressInfo;
      const all = { ...headers, 'Content-Length': Buffer.byteLength(body) };
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.on('end', () => done({ status: response.statusCode ?? 0, text, headers: response.headers }));
      });
      outgoing.on('error', fail).end(body);
    });
  }

  /** The text that a call of this group operation returns. */
  async post(path: string, body: unknown): Promise<string> {
    return (await this.send(`/admin/group/${path}`, JSON.stringify(body))).text;
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
